import type { Address } from 'viem'

/** Where EigenLayer's core contracts are. See `eigenLayerDeployments` for the public ones. */
export type EigenLayerDeployment = {
  readonly chainId: number
  readonly allocationManager: Address
  readonly delegationManager: Address
  readonly strategyManager: Address
  readonly keyRegistrar: Address
}

/** An operator set of EigenLayer. */
export type OperatorSet = {
  /** The AVS that made it. */
  readonly avs: Address
  /** Its number among the sets of the AVS, a uint32. */
  readonly id: number
}
