import type { EigenLayerDeployment } from './types.ts'

/**
 * EigenLayer's core contracts on Ethereum (1) and Sepolia (11155111), as its README lists them. Every action makes sure
 * that they are there and name each other before it trusts them.
 *
 * @example
 * const eigenLayer = eigenLayerDeployments[11155111]
 */
export const eigenLayerDeployments = {
  1: {
    chainId: 1,
    allocationManager: '0x948a420b8CC1d6BFd0B6087C2E7c344a2CD0bc39',
    delegationManager: '0x39053D51B77DC0d36036Fc1fCc8Cb819df8Ef37A',
    strategyManager: '0x858646372CC42E1A627fcE94aa7A7033e7CF075A',
    keyRegistrar: '0x54f4bC6bDEbe479173a2bbDc31dD7178408A57A4',
    permissionController: '0x25E5F8B1E7aDf44518d35D5B2271f114e081f0E5',
    rewardsCoordinator: '0x7750d328b314EfFa365A0402CcfD489B80B0adda',
    crossChainRegistry: '0x9376A5863F2193cdE13e1aB7c678F22554E2Ea2b',
  },
  11155111: {
    chainId: 11_155_111,
    allocationManager: '0x42583067658071247ec8CE0A516A58f682002d07',
    delegationManager: '0xD4A7E1Bd8015057293f0D0A557088c286942e84b',
    strategyManager: '0x2E3D6c0744b10eb0A4e6F679F71554a39Ec47a5D',
    keyRegistrar: '0xA4dB30D08d8bbcA00D40600bee9F029984dB162a',
    permissionController: '0x44632dfBdCb6D3E21EF613B0ca8A6A0c618F5a37',
    rewardsCoordinator: '0x5ae8152fb88c26ff9ca5C014c94fca3c68029349',
    crossChainRegistry: '0x287381B1570d9048c4B4C7EC94d21dDb8Aa1352a',
  },
} as const satisfies { readonly [chainId: number]: EigenLayerDeployment }
