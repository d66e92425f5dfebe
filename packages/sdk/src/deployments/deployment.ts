import type { Address, Hex } from 'viem'

/** Where the contracts are. The deploy script writes one, see `parseDeployment`. */
export type Deployment = {
  readonly chainId: number
  /** The block of the AVS's deployment: no event is older. */
  readonly startBlock: bigint
  /** The ProofOfInferenceAVS. */
  readonly avs: Address
  readonly modelRegistry: Address
  /**
   * What tells operators and their weights: the OperatorRegistrar on L1, the OperatorTableSet on an L2. Which of them it is
   * is read from the chain, see `getOperatorSetKind`.
   */
  readonly operatorSet: Address
  /**
   * The EquivocationSlasher, which alone can slash operators. `null`: the chain has no EigenLayer, and evidence goes to
   * the slasher on the chain that has one.
   */
  readonly slasher: Address | null
  /** The ERC-8004 IdentityRegistry. */
  readonly identityRegistry: Address
  /** The ERC-8004 ValidationRegistry that receipts go to. `null`: the chain has none, and there are no receipts. */
  readonly validationRegistry: Address | null
  /** The ERC-8004 ReputationRegistry that feedback goes to. `null`: the chain has none. */
  readonly reputationRegistry: Address | null
  /** keccak256 of the code at the addresses; compared before first use. `slasher` is `null` where there is none. */
  readonly codeHashes?:
    | { readonly avs: Hex; readonly modelRegistry: Hex; readonly operatorSet: Hex; readonly slasher: Hex | null }
    | undefined
}
