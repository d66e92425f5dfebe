import type { Address } from 'viem'

/** Where EigenLayer's core contracts are. See `eigenLayerDeployments` for the public ones. */
export type EigenLayerDeployment = {
  readonly chainId: number
  readonly allocationManager: Address
  readonly delegationManager: Address
  readonly strategyManager: Address
  readonly keyRegistrar: Address
  /** Who may act for whom. The SDK's actions do not call it. */
  readonly permissionController?: Address | undefined
  /** Likewise. */
  readonly rewardsCoordinator?: Address | undefined
  /** Where an AVS has its operators' tables made for other chains: what the deploy script takes. */
  readonly crossChainRegistry?: Address | undefined
}

/** An operator set of EigenLayer. */
export type OperatorSet = {
  /** The AVS that made it. */
  readonly avs: Address
  /** Its number among the sets of the AVS, a uint32. */
  readonly id: number
}
