import type { Erc8004Registries } from './types.ts'

const mainnet = {
  identityRegistry: '0x8004A169FB4a3325136EB29fA0ceB6D2e539a432',
  reputationRegistry: '0x8004BAa17C55a88189AE136b182e5fdA19dE9b63',
  // Under discussion: no address is published.
  validationRegistry: null,
} as const

const testnet = {
  identityRegistry: '0x8004A818BFB912233c491871b3d84c89A494BD9e',
  reputationRegistry: '0x8004B663056A597Dffe9eCcC1965A193B7388713',
  validationRegistry: null,
} as const

/**
 * ERC-8004's public registries by chain id: Ethereum, Optimism, BSC, Gnosis, Polygon, Mantle, Base, Arbitrum, Celo,
 * Avalanche, Linea, Taiko and Scroll; Sepolia and Base Sepolia. The ValidationRegistry has no published address:
 * name your own. Every action makes sure that they are there and are what they should be before it trusts them.
 *
 * @example
 * const registries = { ...erc8004Registries[8453], validationRegistry: '0x…' }
 */
export const erc8004Registries = {
  1: { chainId: 1, ...mainnet },
  10: { chainId: 10, ...mainnet },
  56: { chainId: 56, ...mainnet },
  100: { chainId: 100, ...mainnet },
  137: { chainId: 137, ...mainnet },
  5000: { chainId: 5000, ...mainnet },
  8453: { chainId: 8453, ...mainnet },
  42161: { chainId: 42_161, ...mainnet },
  42220: { chainId: 42_220, ...mainnet },
  43114: { chainId: 43_114, ...mainnet },
  59144: { chainId: 59_144, ...mainnet },
  167000: { chainId: 167_000, ...mainnet },
  534352: { chainId: 534_352, ...mainnet },
  84532: { chainId: 84_532, ...testnet },
  11155111: { chainId: 11_155_111, ...testnet },
} as const satisfies { readonly [chainId: number]: Erc8004Registries }
