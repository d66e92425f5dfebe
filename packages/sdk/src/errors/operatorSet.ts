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

/** A table has an operator twice. */
export class DuplicateOperatorError extends ContractError<'DuplicateOperator'> {
  constructor(parameters: ContractErrorParameters<'DuplicateOperator'>) {
    super('DuplicateOperator', parameters, {
      summary: 'The operator table has an operator twice.',
      action: 'Such a table cannot be loaded. Wait for the next one; check the table calculator of the set on L1.',
    })
  }
}

/** The table is not the newest one that was posted. */
export class NotLatestTableError extends ContractError<'NotLatestTable'> {
  constructor(parameters: ContractErrorParameters<'NotLatestTable'>) {
    super('NotLatestTable', parameters, {
      summary: 'The table is not the newest one that was posted for the operator set.',
      action: 'Load the table at `latest`; where that is 0, none was posted yet.',
    })
  }
}

/** The table was loaded already. */
export class TableAlreadyLoadedError extends ContractError<'TableAlreadyLoaded'> {
  constructor(parameters: ContractErrorParameters<'TableAlreadyLoaded'>) {
    super('TableAlreadyLoaded', parameters, {
      summary: 'The table was loaded already.',
      action: 'There is nothing to do: requests can refer to it.',
    })
  }
}

/** There is no loaded table at the timepoint. */
export class TableNotLoadedError extends ContractError<'TableNotLoaded'> {
  constructor(parameters: ContractErrorParameters<'TableNotLoaded'>) {
    super('TableNotLoaded', parameters, {
      summary: 'There is no loaded operator table at the timepoint.',
      action:
        'Use the exact timestamp of a loaded table (`getReferenceTimepoint`), or load the newest with `loadTable`.',
    })
  }
}

/** The root that the table was proved against is disabled. */
export class TableRootDisabledError extends ContractError<'TableRootDisabled'> {
  constructor(parameters: ContractErrorParameters<'TableRootDisabled'>) {
    super('TableRootDisabled', parameters, {
      summary: 'EigenLayer disabled the root that the table was proved against.',
      action: 'Wait until another table is posted, and load that.',
    })
  }
}

/** No operator in the table has the least weight. */
export class TableWithoutWeightError extends ContractError<'TableWithoutWeight'> {
  constructor(parameters: ContractErrorParameters<'TableWithoutWeight'>) {
    super('TableWithoutWeight', parameters, {
      summary: 'No operator in the table has the least weight to hold an index.',
      action: 'Wait for a table in which operators have `minWeight` (`getTableSetTerms`).',
    })
  }
}

/** The table has other kinds of stake than the set has multipliers. */
export class WeightsMismatchError extends ContractError<'WeightsMismatch'> {
  constructor(parameters: ContractErrorParameters<'WeightsMismatch'>) {
    super('WeightsMismatch', parameters, {
      summary: 'The table has more or fewer kinds of stake than the operator set has multipliers.',
      action:
        'The multipliers are fixed: deploy again with one for each strategy of the set on L1, or use a table calculator with as many.',
    })
  }
}

/** The table has the zero address for an operator. */
export class ZeroOperatorError extends ContractError<'ZeroOperator'> {
  constructor(parameters: ContractErrorParameters<'ZeroOperator'>) {
    super('ZeroOperator', parameters, {
      summary: 'The operator table has the zero address for an operator.',
      action: 'Such a table cannot be loaded. Wait for the next one; check the table calculator of the set on L1.',
    })
  }
}

/** The address was no operator with an index at the reference of the request. */
export class NotAnOperatorError extends ProofOfInferenceError<'NotAnOperatorError'> {
  readonly operator: Address
  /** In the clock of the operator set: the block on L1, a table's timestamp on an L2. */
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
  /** In the clock of the operator set: the block on L1, a table's timestamp on an L2. */
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

/** How a deployment knows its operators: the registrar of EigenLayer on L1, or posted tables on an L2. */
export type OperatorSetKind = 'registrar' | 'tables'

/** The action is for another kind of operator set. */
export class OperatorSetKindMismatchError extends ProofOfInferenceError<'OperatorSetKindMismatchError'> {
  readonly operatorSet: Address
  readonly expected: OperatorSetKind
  readonly actual: OperatorSetKind
  constructor({
    operatorSet,
    expected,
    actual,
  }: { operatorSet: Address; expected: OperatorSetKind; actual: OperatorSetKind }) {
    super('The action is for another kind of operator set than that of the deployment.', {
      name: 'OperatorSetKindMismatchError',
      metaMessages: [
        `operatorSet: ${operatorSet}`,
        `expected: ${expected}`,
        `actual: ${actual}`,
        'Weights are refreshed with `refreshWeights` on L1 (`registrar`) and with `loadTable` on an L2 (`tables`). `getVoter`, `getTotalWeight`, `getSeatedOperators` and `getReferenceTimepoint` are for both.',
      ],
    })
    this.operatorSet = operatorSet
    this.expected = expected
    this.actual = actual
  }
}

/** The clock of the operator set is none that the SDK knows. */
export class UnknownClockModeError extends ProofOfInferenceError<'UnknownClockModeError'> {
  readonly operatorSet: Address
  readonly clockMode: string
  constructor({ operatorSet, clockMode }: { operatorSet: Address; clockMode: string }) {
    super('The operator set has a clock that is not known.', {
      name: 'UnknownClockModeError',
      metaMessages: [
        `operatorSet: ${operatorSet}`,
        `clockMode: ${clockMode}`,
        'Check the address of the operator set. A set of another kind needs a newer version of the SDK.',
      ],
    })
    this.operatorSet = operatorSet
    this.clockMode = clockMode
  }
}

/** Why no operator table can be referred to, and what to do about it. */
const tableActions = {
  'none-posted':
    'Wait until the first table of the operator set is posted; anyone can post one with a proof, see the guide `deploy-on-an-l2`.',
  'not-loaded': 'Load the newest table with `loadTable`; anyone may.',
  'not-past': 'The table is as old as the latest block. Try again with the next one.',
  stale:
    'Tables come in regular intervals. Wait for the next one, or post one with a proof; then load it with `loadTable`.',
  'root-disabled': 'EigenLayer withdrew the table. Wait until it posts another, and load that with `loadTable`.',
} as const

/** No operator table can be referred to at present, so that no request can be opened. */
export class NoCurrentTableError extends ProofOfInferenceError<'NoCurrentTableError'> {
  readonly reason: keyof typeof tableActions
  /** Timestamp of the table that was loaded last, if one was. Unix time in seconds, as all times here. */
  readonly loaded: number | null
  /** Timestamp of the newest table that was posted, if one was. */
  readonly posted: number | null
  /** Seconds after its timestamp for which a table may be referred to. */
  readonly maxAge: number
  readonly clock: number
  constructor(table: { loaded: number | null; posted: number | null; maxAge: number; clock: number }) {
    const reason = toTableReason(table)
    super('No operator table can be referred to at present.', {
      name: 'NoCurrentTableError',
      metaMessages: [
        `reason: ${reason}`,
        ...Object.entries(table).map(([fact, value]) => `${fact}: ${value}`),
        tableActions[reason],
      ],
    })
    this.reason = reason
    this.loaded = table.loaded
    this.posted = table.posted
    this.maxAge = table.maxAge
    this.clock = table.clock
  }
}

/** Of a latest table that is no valid reference. A table that is not loaded is no help if it is stale, too. */
function toTableReason({
  loaded,
  posted,
  maxAge,
  clock,
}: {
  loaded: number | null
  posted: number | null
  maxAge: number
  clock: number
}): keyof typeof tableActions {
  if (posted === null) return 'none-posted'
  if (clock - posted > maxAge) return 'stale'
  if (loaded !== posted) return 'not-loaded'
  return loaded >= clock ? 'not-past' : 'root-disabled'
}
