import type { Address } from 'viem'

/** ERC-8004's registries on a chain. A `Deployment` names those that it uses, and can be passed as it is. */
export type Erc8004Registries = {
  readonly chainId: number
  readonly identityRegistry: Address
  /** `null`: the chain has none. */
  readonly reputationRegistry: Address | null
  /** `null`: the chain has none. */
  readonly validationRegistry: Address | null
}

/** A registry of ERC-8004, as named in {@link Erc8004Registries}. */
export type Erc8004Contract = 'identityRegistry' | 'reputationRegistry' | 'validationRegistry'
