import type { Address, Hex } from 'viem'
import { ProofOfInferenceError } from './base.ts'

/** Even if every operator that may vote voted the same way, the request would have no winner. */
export class QuorumUnreachableError extends ProofOfInferenceError<'QuorumUnreachableError'> {
  /** On the clock of the operator set. */
  readonly referenceTimepoint: number
  /** Of the whole operator set, stale operators included. */
  readonly totalWeight: bigint
  /** Of the operators that may vote. */
  readonly votingWeight: bigint
  /** Basis points of the total weight. */
  readonly quorumBps: number
  readonly votingOperators: readonly Address[]
  readonly minAttestations: number
  /** Operators that hold a seat but may not vote, as their weight is too old. */
  readonly staleOperators: readonly Address[]
  constructor({
    referenceTimepoint,
    totalWeight,
    votingWeight,
    quorumBps,
    votingOperators,
    minAttestations,
    staleOperators,
  }: {
    referenceTimepoint: number
    totalWeight: bigint
    votingWeight: bigint
    quorumBps: number
    votingOperators: readonly Address[]
    minAttestations: number
    staleOperators: readonly Address[]
  }) {
    super('No quorum of operators could vote on the request.', {
      name: 'QuorumUnreachableError',
      metaMessages: [
        `referenceTimepoint: ${referenceTimepoint}`,
        `totalWeight: ${totalWeight}`,
        `votingWeight: ${votingWeight}`,
        `quorumBps: ${quorumBps}`,
        `votingOperators: ${votingOperators.length}`,
        `minAttestations: ${minAttestations}`,
        ...(staleOperators.length > 0 ? [`staleOperators: ${staleOperators.join(', ')}`] : []),
        staleOperators.length > 0
          ? 'Refresh the stale operators (`refreshWeights`; anyone may) and ask again, or lower `quorumBps` or `minAttestations`.'
          : 'Lower `quorumBps` or `minAttestations`, or wait until more operators have joined.',
      ],
    })
    this.referenceTimepoint = referenceTimepoint
    this.totalWeight = totalWeight
    this.votingWeight = votingWeight
    this.quorumBps = quorumBps
    this.votingOperators = votingOperators
    this.minAttestations = minAttestations
    this.staleOperators = staleOperators
  }
}

/** The policy that a model version names is not what the version says of it. */
export class PolicyMismatchError extends ProofOfInferenceError<'PolicyMismatchError'> {
  readonly modelVersionId: Hex
  /** What differs, a line each. */
  readonly issues: readonly string[]
  constructor({ modelVersionId, issues }: { modelVersionId: Hex; issues: readonly string[] }) {
    super('The policy contradicts the model version that names it.', {
      name: 'PolicyMismatchError',
      metaMessages: [
        `modelVersionId: ${modelVersionId}`,
        ...issues.map((issue) => `- ${issue}`),
        'Use another version; its owner can publish one that agrees with its policy (`publishModel` always does).',
      ],
    })
    this.modelVersionId = modelVersionId
    this.issues = issues
  }
}

/** The payloads do not fit in a transaction. */
export class InlinePayloadTooLargeError extends ProofOfInferenceError<'InlinePayloadTooLargeError'> {
  /** Bytes of the payloads, their chunks included. */
  readonly size: number
  /** Bytes. */
  readonly limit: number
  constructor({ size, limit }: { size: number; limit: number }) {
    super('The payloads are too large to travel with the transaction.', {
      name: 'InlinePayloadTooLargeError',
      metaMessages: [
        `size: ${size} bytes`,
        `limit: ${limit} bytes`,
        'Pass a payload store that takes uploads to `createRequester`, and leave `inline` out.',
      ],
    })
    this.size = size
    this.limit = limit
  }
}

/** The ERC-8004 identity registry knows no wallet of the agent. */
export class AgentWalletMissingError extends ProofOfInferenceError<'AgentWalletMissingError'> {
  readonly agentId: bigint
  constructor({ agentId }: { agentId: bigint }) {
    super('The agent has no wallet.', {
      name: 'AgentWalletMissingError',
      metaMessages: [
        `agentId: ${agentId}`,
        'Check the id and the deployment. An agent without a wallet can neither consent nor be paid: its owner sets one in the ERC-8004 identity registry.',
      ],
    })
    this.agentId = agentId
  }
}

/** Operators can still vote on the canary, and would know how. */
export class CanaryRevealedTooEarlyError extends ProofOfInferenceError<'CanaryRevealedTooEarlyError'> {
  readonly jobId: Hex
  /** The job's requests that are open; none where the job was not requested on this chain yet. */
  readonly requestIds: readonly Hex[]
  /** Until when votes are accepted: unix time in seconds, the latest of the requests. `undefined` without any. */
  readonly deadline: number | undefined
  constructor({
    jobId,
    requestIds,
    deadline,
  }: { jobId: Hex; requestIds: readonly Hex[]; deadline: number | undefined }) {
    super('It is too early to reveal the canary: operators that copy would know how to vote.', {
      name: 'CanaryRevealedTooEarlyError',
      metaMessages: [
        `jobId: ${jobId}`,
        ...requestIds.map((requestId) => `open request: ${requestId}`),
        ...(deadline === undefined
          ? ['The job is undecided, and no request of it is on this chain.']
          : [`deadline: ${deadline}`]),
        'Wait for the outcome, or until the deadline has passed. `force: true` reveals it all the same.',
      ],
    })
    this.jobId = jobId
    this.requestIds = requestIds
    this.deadline = deadline
  }
}
