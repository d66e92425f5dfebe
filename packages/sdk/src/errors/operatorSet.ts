import type { Address } from 'viem'
import { ProofOfInferenceError } from './base.ts'
import { ContractError, type ContractErrorParameters } from './contractError.ts'

/** The address is not a member of the operator set. */
export class NotMemberError extends ContractError<'NotMember'> {
  constructor(parameters: ContractErrorParameters<'NotMember'>) {
    super('NotMember', parameters, {
      summary: 'The address is not a member of the operator set.',
      action: 'Register it for the operator set in the AllocationManager of EigenLayer first.',
    })
  }
}

/** The timepoint is not past yet. */
export class TimepointNotPastError extends ContractError<'TimepointNotPast'> {
  constructor(parameters: ContractErrorParameters<'TimepointNotPast'>) {
    super('TimepointNotPast', parameters, {
      summary: 'The timepoint is not past yet.',
      action: 'Ask for a timepoint before `clock` (`getClock`).',
    })
  }
}

/** The address was no operator with an index at the reference of the request. */
export class NotAnOperatorError extends ProofOfInferenceError<'NotAnOperatorError'> {
  readonly operator: Address
  /** In the clock of the operator set: blocks on L1. */
  readonly referenceTimepoint: number
  constructor({
    operator,
    referenceTimepoint,
    cause,
  }: { operator: Address; referenceTimepoint: number; cause?: unknown }) {
    super('The address was not an operator that can vote at the reference of the request.', {
      name: 'NotAnOperatorError',
      cause,
      metaMessages: [
        `operator: ${operator}`,
        `referenceTimepoint: ${referenceTimepoint}`,
        'Only those who held an index in the operator set before the request can vote on it. Join the set through EigenLayer with at least the minimum weight; requests with a later reference will count the vote.',
      ],
    })
    this.operator = operator
    this.referenceTimepoint = referenceTimepoint
  }
}

/** The weight of the operator was too old at the reference of the request. */
export class StaleOperatorError extends ProofOfInferenceError<'StaleOperatorError'> {
  readonly operator: Address
  /** In the clock of the operator set: blocks on L1. */
  readonly referenceTimepoint: number
  /** The weight that counted in the total without being able to vote. */
  readonly weight: bigint
  constructor({
    operator,
    referenceTimepoint,
    weight,
    cause,
  }: { operator: Address; referenceTimepoint: number; weight: bigint; cause?: unknown }) {
    super('The weight of the operator was stale at the reference of the request.', {
      name: 'StaleOperatorError',
      cause,
      metaMessages: [
        `operator: ${operator}`,
        `referenceTimepoint: ${referenceTimepoint}`,
        `weight: ${weight}`,
        'Refresh the weight with `refreshWeights`, regularly, within the maximum weight age of the operator set. Requests with a later reference will count the vote; this one cannot.',
      ],
    })
    this.operator = operator
    this.referenceTimepoint = referenceTimepoint
    this.weight = weight
  }
}
