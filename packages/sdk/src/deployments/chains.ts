import type { Address } from 'viem'
import { eigenLayerDeployments } from '../eigenlayer/eigenLayerDeployments.ts'
import type { EigenLayerDeployment } from '../eigenlayer/types.ts'
import { erc8004Registries } from '../erc8004/erc8004Registries.ts'
import type { Erc8004Registries } from '../erc8004/types.ts'

/** What others have deployed on a chain, and the market builds on. Each part is what the SDK's actions take. */
export type ChainContracts = {
  readonly chainId: number
  readonly name: string
  /** EigenLayer's core. `null`: there is no restaking on the chain, and operators come from tables of another one. */
  readonly eigenLayer: EigenLayerDeployment | null
  /** EigenLayer's ECDSACertificateVerifier, which has the operator tables. `null`: no address is published. */
  readonly certificateVerifier: Address | null
  /** ERC-8004's registries. */
  readonly registries: Erc8004Registries
  /**
   * The core service of 4Mica that its client names for the chain. Its contract and code hash, which `fourMica` of
   * `@proof-of-inference/sdk/payments` takes as well, are to be had from somebody you trust. `null`: there is none.
   */
  readonly fourMica: { readonly url: string } | null
}

/** Neither EigenLayer nor 4Mica is known there: agents have identities, and the market cannot be deployed yet. */
const registriesOnly = { eigenLayer: null, certificateVerifier: null, fourMica: null } as const

/**
 * The public contracts of EigenLayer and ERC-8004, and the services of 4Mica, by chain id: as their own documents list
 * them. {@link assertChain} makes sure that they are there, and so does every action before it trusts them.
 *
 * The market can be deployed where there is an `eigenLayer` (1, 11155111), and where there is a `certificateVerifier`
 * (8453, 84532). Hoodi is not listed: EigenLayer names no KeyRegistrar there, without which operators cannot sign.
 *
 * @example
 * const { allocationManager } = chains[1].eigenLayer
 * const { agentId } = await registerAgent(client, { registries: chains[8453].registries })
 */
export const chains = {
  1: {
    chainId: 1,
    name: 'Ethereum',
    eigenLayer: eigenLayerDeployments[1],
    certificateVerifier: '0xd0930ee96D07de4F9d493c259232222e46B6EC25',
    registries: erc8004Registries[1],
    fourMica: null,
  },
  10: { chainId: 10, name: 'Optimism', ...registriesOnly, registries: erc8004Registries[10] },
  56: { chainId: 56, name: 'BSC', ...registriesOnly, registries: erc8004Registries[56] },
  100: { chainId: 100, name: 'Gnosis', ...registriesOnly, registries: erc8004Registries[100] },
  137: { chainId: 137, name: 'Polygon', ...registriesOnly, registries: erc8004Registries[137] },
  5000: { chainId: 5000, name: 'Mantle', ...registriesOnly, registries: erc8004Registries[5000] },
  8453: {
    chainId: 8453,
    name: 'Base',
    eigenLayer: null,
    certificateVerifier: '0xd0930ee96D07de4F9d493c259232222e46B6EC25',
    registries: erc8004Registries[8453],
    fourMica: null,
  },
  42161: { chainId: 42_161, name: 'Arbitrum', ...registriesOnly, registries: erc8004Registries[42161] },
  42220: { chainId: 42_220, name: 'Celo', ...registriesOnly, registries: erc8004Registries[42220] },
  43114: { chainId: 43_114, name: 'Avalanche', ...registriesOnly, registries: erc8004Registries[43114] },
  59144: { chainId: 59_144, name: 'Linea', ...registriesOnly, registries: erc8004Registries[59144] },
  167000: { chainId: 167_000, name: 'Taiko', ...registriesOnly, registries: erc8004Registries[167000] },
  534352: { chainId: 534_352, name: 'Scroll', ...registriesOnly, registries: erc8004Registries[534352] },
  84532: {
    chainId: 84_532,
    name: 'Base Sepolia',
    eigenLayer: null,
    certificateVerifier: '0xb3Cd1A457dEa9A9A6F6406c6419B1c326670A96F',
    registries: erc8004Registries[84532],
    fourMica: { url: 'https://base.sepolia.api.4mica.xyz/' },
  },
  11155111: {
    chainId: 11_155_111,
    name: 'Sepolia',
    eigenLayer: eigenLayerDeployments[11155111],
    certificateVerifier: '0xb3Cd1A457dEa9A9A6F6406c6419B1c326670A96F',
    registries: erc8004Registries[11155111],
    fourMica: { url: 'https://ethereum.sepolia.api.4mica.xyz/' },
  },
} as const satisfies { readonly [chainId: number]: ChainContracts }
