import type { Hex } from 'viem'
import type { Attestation } from '../utils/typedData.ts'

/** How a request ended. */
export type OutcomeStatus = 'verified' | 'rejected' | 'expired'

/** A verdict that the operator signed. There is never another one for the same request. */
export type SignedVote = {
  readonly attestation: Attestation
  /** By the signing key, over the attestation's EIP-712 digest. */
  readonly signature: Hex
  /** The side it counts for: a valid verdict below the job's least confidence counts as rejected. */
  readonly side: 'verified' | 'rejected'
}

/** Why the operator did not vote on a request. */
export type SkipReason =
  /** The weights are taken before the store was made, so that an earlier store may have signed another verdict. */
  | 'store-too-new'
  /** It was no operator with an index at the request's reference. */
  | 'not-an-operator'
  /** Its weight was stale at the request's reference: refresh it more often. */
  | 'stale-weight'
  /** The signer is not the key registered at the request's reference. */
  | 'wrong-signing-key'
  /** Not enough time was left, or none of the attempts succeeded in time and nothing more is known. */
  | 'deadline'
  /** The fee is below the operator's floor, or in an asset that it set no floor for. */
  | 'fee-below-floor'
  /** No side can reach the quorum any more. */
  | 'quorum-unreachable'
  /** Another request decided the job. */
  | 'job-decided'
  /** The request was final before the operator came to it. */
  | 'request-final'
  /** No verifier for the model version's method. */
  | 'unknown-method'
  /** The policy names another method, or another confidence, than the model version, or does not fit the verifier. */
  | 'policy-mismatch'
  /** A payload could not be fetched by the deadline. */
  | 'payload-unavailable'
  /** No source gave the bytes that the digest names by the deadline. */
  | 'payload-mismatch'
  | 'payload-too-large'
  /** A payload has the right digest, but is not what it should be. */
  | 'payload-invalid'
  /** No runner for the model by the deadline. */
  | 'runner-unavailable'
  /** No source gave the weights that the manifest names by the deadline. */
  | 'weights-mismatch'
  /** The verifier, or a runner, failed every time. */
  | 'verification-failed'
  | 'inconclusive'
  /** The commit window closed before the operator had committed. */
  | 'commit-window-missed'
  /** The chain holds another commitment of the operator, which this store did not make. */
  | 'foreign-commitment'
  /** The chain refuses the vote. */
  | 'vote-refused'
  /** A signed request whose requester did not sign it. */
  | 'signature-invalid'
  /** A signed request that the chain would not settle: its terms, or the agent's consent. */
  | 'terms-refused'
  /** A signed request that would come to more than the operator's exposure to its requester, or than the deposit. */
  | 'exposure-exceeded'
  /** A signed request on which the vote was revealed, and which nobody settled by its deadline. */
  | 'unsettled'

/** Where the operator is with a request. Block numbers say as of which block, so that a reorg can take it back. */
export type RequestState =
  | { readonly status: 'seen' }
  /** The payloads are there and decode. */
  | { readonly status: 'fetched' }
  /** The verdict is signed and stored; it may be sent. */
  | { readonly status: 'verified'; readonly vote: SignedVote }
  /** With a commit window. `outcome` once the request is final and revealing the vote still earns its fee. */
  | {
      readonly status: 'committed'
      readonly vote: SignedVote
      readonly blockNumber: bigint
      readonly outcome?: { readonly status: 'verified' | 'rejected'; readonly blockNumber: bigint }
    }
  /** An aggregator has the vote, which does not count on chain yet. */
  | { readonly status: 'revealed'; readonly vote: SignedVote }
  /** The vote counts on chain. */
  | { readonly status: 'attested'; readonly vote: SignedVote; readonly blockNumber: bigint }
  | {
      readonly status: 'settled'
      readonly outcome: OutcomeStatus
      /** Whether the operator's vote counts, and is on the side that won. */
      readonly votedWithOutcome: boolean
      readonly areFeesClaimed: boolean
      readonly vote?: SignedVote
      /** Since which block the vote counted, if it did. */
      readonly votedAt?: bigint
      readonly blockNumber: bigint
    }
  | {
      readonly status: 'skipped'
      readonly reason: SkipReason
      readonly details?: string
      /** Set when it was signed, and then not sent in time. */
      readonly vote?: SignedVote
      readonly blockNumber: bigint
    }

/** What can happen to a request. */
export type RequestEvent =
  | { readonly type: 'fetched' }
  | { readonly type: 'signed'; readonly vote: SignedVote }
  | { readonly type: 'committed'; readonly blockNumber: bigint }
  /** An aggregator took the vote. */
  | { readonly type: 'revealed' }
  /** The vote counts on chain, whoever sent it; or, after the request was final, still earns. */
  | { readonly type: 'attested'; readonly blockNumber: bigint }
  | {
      readonly type: 'skipped'
      readonly reason: SkipReason
      readonly details?: string | undefined
      readonly blockNumber: bigint
    }
  /** Another request decided the job; this one will end by the same outcome. */
  | { readonly type: 'decided'; readonly outcome: 'verified' | 'rejected'; readonly blockNumber: bigint }
  /** `isPaid`: what the operator's vote earned was credited at once. Whether it counts is what was `attested` before. */
  | {
      readonly type: 'finalized'
      readonly outcome: OutcomeStatus
      readonly isPaid: boolean
      readonly blockNumber: bigint
    }
  | { readonly type: 'feesClaimed' }
  /** The chain was replaced after this block. */
  | { readonly type: 'rolledBack'; readonly blockNumber: bigint }

/** Whether nothing more is to be done for a request, short of claiming its fee. */
export function isTerminal(state: RequestState): boolean {
  return state.status === 'settled' || state.status === 'skipped'
}

/**
 * Where the operator is after an event. Pure and total: an event that comes too late, or twice, changes nothing and
 * returns the very same state. A signed vote is never dropped or replaced.
 *
 * @example
 * transition({ status: 'seen' }, { type: 'fetched' }) // { status: 'fetched' }
 */
export function transition(state: RequestState, event: RequestEvent): RequestState {
  switch (event.type) {
    case 'fetched':
      return state.status === 'seen' ? { status: 'fetched' } : state
    case 'signed':
      return state.status === 'seen' || state.status === 'fetched' ? { status: 'verified', vote: event.vote } : state
    case 'committed':
      return state.status === 'verified'
        ? { status: 'committed', vote: state.vote, blockNumber: event.blockNumber }
        : state
    case 'revealed':
      return state.status === 'verified' ? { status: 'revealed', vote: state.vote } : state
    case 'attested':
      return attested(state, event.blockNumber)
    case 'skipped':
      if (isTerminal(state) || state.status === 'attested') return state
      if (state.status === 'committed' && state.outcome !== undefined) {
        return settled(state.vote, undefined, { ...event, outcome: state.outcome.status, isPaid: false })
      }
      return skipped(state, event)
    case 'decided':
      if (isTerminal(state) || state.status === 'attested') return state
      if (state.status === 'committed' && state.vote.side === event.outcome) return state
      return skipped(state, { ...event, reason: 'job-decided' })
    case 'finalized':
      return finalized(state, event)
    case 'feesClaimed':
      return state.status === 'settled' && state.votedWithOutcome ? { ...state, areFeesClaimed: true } : state
    case 'rolledBack':
      if (!('blockNumber' in state)) return state
      if (state.blockNumber <= event.blockNumber) {
        if (state.status !== 'committed' || (state.outcome?.blockNumber ?? 0n) <= event.blockNumber) return state
        return { status: 'committed', vote: state.vote, blockNumber: state.blockNumber }
      }
      return rolledBack(state, event.blockNumber)
  }
}

/** A state that came after the block, as it was at the block, as far as is known. */
function rolledBack(state: Extract<RequestState, { blockNumber: bigint }>, blockNumber: bigint): RequestState {
  const { vote } = state
  if (vote === undefined) return { status: 'seen' }
  const votedAt = state.status === 'settled' ? state.votedAt : undefined
  if (votedAt === undefined || votedAt > blockNumber) return { status: 'verified', vote }
  return { status: 'attested', vote, blockNumber: votedAt }
}

function attested(state: RequestState, blockNumber: bigint): RequestState {
  switch (state.status) {
    case 'verified':
    case 'revealed':
      return { status: 'attested', vote: state.vote, blockNumber }
    case 'committed':
      return state.outcome === undefined
        ? { status: 'attested', vote: state.vote, blockNumber }
        : settled(state.vote, blockNumber, { outcome: state.outcome.status, isPaid: false, blockNumber })
    case 'skipped':
      // Given up, and sent all the same: by an aggregator, or in a transaction that was not waited for.
      return state.vote ? { status: 'attested', vote: state.vote, blockNumber } : state
    case 'settled':
      // A committed vote, revealed at the last moment.
      return !state.votedWithOutcome && state.vote?.side === state.outcome
        ? settled(state.vote, blockNumber, { outcome: state.outcome, isPaid: false, blockNumber })
        : state
    case 'seen':
    case 'fetched':
    case 'attested':
      return state
  }
}

type Finalized = Omit<Extract<RequestEvent, { type: 'finalized' }>, 'type'>

function finalized(state: RequestState, event: Finalized): RequestState {
  const { outcome, blockNumber } = event
  switch (state.status) {
    case 'seen':
    case 'fetched':
      return settled(undefined, undefined, event)
    case 'verified':
    case 'revealed':
      return settled(state.vote, undefined, event)
    case 'committed':
      // Revealed until the deadline, a committed vote still earns if it is on the side that won.
      return outcome !== 'expired' && outcome === state.vote.side
        ? { ...state, outcome: { status: outcome, blockNumber } }
        : settled(state.vote, undefined, event)
    case 'attested':
      return settled(state.vote, state.blockNumber, event)
    case 'skipped':
      return state.vote ? settled(state.vote, undefined, event) : state
    case 'settled':
      return state
  }
}

function settled(
  vote: SignedVote | undefined,
  votedAt: bigint | undefined,
  { outcome, isPaid, blockNumber }: Finalized,
): RequestState {
  const votedWithOutcome = votedAt !== undefined && vote?.side === outcome
  return {
    status: 'settled',
    outcome,
    votedWithOutcome,
    areFeesClaimed: votedWithOutcome && isPaid,
    ...(vote === undefined ? {} : { vote }),
    ...(votedAt === undefined ? {} : { votedAt }),
    blockNumber,
  }
}

function skipped(
  state: RequestState,
  { reason, details, blockNumber }: { reason: SkipReason; details?: string | undefined; blockNumber: bigint },
): RequestState {
  return {
    status: 'skipped',
    reason,
    ...(details === undefined ? {} : { details }),
    ...('vote' in state && state.vote !== undefined ? { vote: state.vote } : {}),
    blockNumber,
  }
}
