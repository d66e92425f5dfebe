import type { Address, Hex } from 'viem'
import { ProofOfInferenceError } from './base.ts'

/** Another process, or another operator of this one, has the store open. */
export class StoreLockedError extends ProofOfInferenceError<'StoreLockedError'> {
  readonly path: string
  constructor({ path, cause }: { path: string; cause?: unknown }) {
    super('The store is in use.', {
      name: 'StoreLockedError',
      cause,
      metaMessages: [
        `Directory: ${path}`,
        'Stop the other operator on this directory, or give this one a directory of its own.',
        'Do not copy the directory to get around this: two copies can sign contradicting verdicts, which is slashed.',
      ],
    })
    this.path = path
  }
}

/** What a store was made for. */
export type StoreOwner = { readonly chainId: number; readonly avs: Address; readonly operator: Address }

/** The store was made for another operator or another deployment. */
export class StoreMismatchError extends ProofOfInferenceError<'StoreMismatchError'> {
  readonly expected: StoreOwner
  readonly actual: StoreOwner
  constructor({ expected, actual }: { expected: StoreOwner; actual: StoreOwner }) {
    super('The store belongs to another operator or deployment.', {
      name: 'StoreMismatchError',
      metaMessages: [
        `Expected: operator ${expected.operator}, AVS ${expected.avs}, chain id ${expected.chainId}`,
        `Actual:   operator ${actual.operator}, AVS ${actual.avs}, chain id ${actual.chainId}`,
        'Keep one store for each operator and deployment.',
      ],
    })
    this.expected = expected
    this.actual = actual
  }
}

/** Something in the store cannot be read back. */
export class StoreCorruptedError extends ProofOfInferenceError<'StoreCorruptedError'> {
  readonly key: string
  readonly issues: readonly string[]
  constructor({ key, issues, cause }: { key: string; issues: readonly string[]; cause?: unknown }) {
    super('The store is damaged, or was written by another version.', {
      name: 'StoreCorruptedError',
      cause,
      metaMessages: [
        `Entry: ${key}`,
        ...issues.map((issue) => `- ${issue}`),
        'Nothing was signed. Use the version that wrote it, or start with an empty store: the operator then abstains from requests older than it.',
      ],
    })
    this.key = key
    this.issues = issues
  }
}

/** The store was used before it was opened, or after it was closed. */
export class StoreNotOpenError extends ProofOfInferenceError<'StoreNotOpenError'> {
  constructor() {
    super('The store is not open.', {
      name: 'StoreNotOpenError',
      metaMessages: ['Call `open` first. An operator opens its store when it runs, and closes it when it stops.'],
    })
  }
}

/** The operator has already signed another verdict on the request. */
export class EquivocationRefusedError extends ProofOfInferenceError<'EquivocationRefusedError'> {
  readonly requestId: Hex
  constructor({ requestId }: { requestId: Hex }) {
    super('The operator has signed another verdict on this request.', {
      name: 'EquivocationRefusedError',
      metaMessages: [
        `requestId: ${requestId}`,
        'The first one stands; the other was not signed or was not sent. Contradicting verdicts are slashed.',
      ],
    })
    this.requestId = requestId
  }
}

/** The operator runs already. */
export class OperatorRunningError extends ProofOfInferenceError<'OperatorRunningError'> {
  constructor() {
    super('The operator runs already.', {
      name: 'OperatorRunningError',
      metaMessages: ['Abort the signal of the first run and wait for it to end before another.'],
    })
  }
}

/** The operator does not run. */
export class OperatorNotRunningError extends ProofOfInferenceError<'OperatorNotRunningError'> {
  constructor() {
    super('The operator does not run.', {
      name: 'OperatorNotRunningError',
      metaMessages: ['Call `run` first: its store is open only while it runs.'],
    })
  }
}

/** There is no key to sign verdicts with. */
export class SignerMissingError extends ProofOfInferenceError<'SignerMissingError'> {
  constructor() {
    super('There is no key to sign verdicts with.', {
      name: 'SignerMissingError',
      metaMessages: [
        'Pass `signer`, a local account with the key registered in the KeyRegistrar of EigenLayer, or a client whose account is local.',
      ],
    })
  }
}

/** What the node reports is not what its id says. */
export class ForgedEventError extends ProofOfInferenceError<'ForgedEventError'> {
  readonly expected: Hex
  readonly actual: Hex
  constructor({ what, expected, actual }: { what: 'request' | 'job' | 'model version'; expected: Hex; actual: Hex }) {
    super(`The ${what} that the node reports is not the one its id names.`, {
      name: 'ForgedEventError',
      metaMessages: [
        `Reported id: ${expected}`,
        `Actual id:   ${actual}`,
        'It was ignored. Use a node that you trust: one that lies about this may hide requests, too.',
      ],
    })
    this.expected = expected
    this.actual = actual
  }
}

/** The aggregator failed, refused, or did not answer in time. */
export class AggregatorFailedError extends ProofOfInferenceError<'AggregatorFailedError'> {
  readonly step: 'watchRequests' | 'postCommitment' | 'getCommitments' | 'postVote'
  readonly requestId: Hex | undefined
  constructor({
    step,
    requestId,
    cause,
  }: {
    step: AggregatorFailedError['step']
    requestId?: Hex | undefined
    cause: unknown
  }) {
    super('The aggregator failed, or did not answer in time.', {
      name: 'AggregatorFailedError',
      cause,
      metaMessages: [
        `Step: ${step}`,
        ...(requestId === undefined ? [] : [`requestId: ${requestId}`]),
        'Votes on requests that are open on chain are submitted without it. Signed requests wait for it.',
      ],
    })
    this.step = step
    this.requestId = requestId
  }
}

/** The commitments that the aggregator shows do not make up a quorum, so that the vote was not revealed. */
export class CommitmentsInsufficientError extends ProofOfInferenceError<'CommitmentsInsufficientError'> {
  readonly requestId: Hex
  /** Of the operators whose commitment holds, this one included. */
  readonly weight: bigint
  readonly totalWeight: bigint
  /** What is wrong with the others. */
  readonly issues: readonly string[]
  constructor({
    requestId,
    weight,
    totalWeight,
    quorumBps,
    count,
    minAttestations,
    issues,
  }: {
    requestId: Hex
    weight: bigint
    totalWeight: bigint
    /** Basis points of the total weight. */
    quorumBps: number
    count: number
    minAttestations: number
    issues: readonly string[]
  }) {
    super('The commitments that the aggregator shows do not make up a quorum.', {
      name: 'CommitmentsInsufficientError',
      metaMessages: [
        `requestId: ${requestId}`,
        `weight: ${weight} of ${totalWeight}; quorumBps: ${quorumBps}`,
        `commitments: ${count}; minAttestations: ${minAttestations}`,
        ...issues.slice(0, 10).map((issue) => `- ${issue}`),
        'The vote was not revealed to it. Use an aggregator that works, or none.',
      ],
    })
    this.requestId = requestId
    this.weight = weight
    this.totalWeight = totalWeight
    this.issues = issues
  }
}
