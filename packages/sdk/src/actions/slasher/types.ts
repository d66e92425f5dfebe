import type { Address, ContractFunctionArgs } from 'viem'
import type { equivocationSlasherAbi } from '../../abis/generated.ts'

/**
 * The evidence that an operator contradicted itself: a request, two attestations on it that differ in `isValid`, and
 * their signatures. `chainId` and `avs` are the domain that they were signed for.
 */
export type Equivocation = ContractFunctionArgs<typeof equivocationSlasherAbi, 'nonpayable', 'slash'>[0]

/** An AVS of this product on another chain than the slasher's. */
export type SlasherDomain = {
  chainId: number
  /** The ProofOfInferenceAVS there. */
  avs: Address
}
