import type { Address, Hex } from 'viem'
import type { Job, Request } from '../utils/typedData.ts'
import type { SignedAttestation } from '../utils/vote.ts'

/** A request as its requester signed it, which the chain has not seen yet. */
export type SignedRequest = {
  readonly request: Request
  readonly job: Job
  /** Of the requester over the request, see `signRequest`. */
  readonly requesterSignature: Hex
  /** Of the job's payee over the job, see `signConsent`. */
  readonly consent?: Hex | undefined
}

/** An operator's signed promise to reveal one certain vote (EIP-712, by its signing key). */
export type SignedCommitment = {
  readonly requestId: Hex
  readonly operator: Address
  /** See `commitmentHash`. */
  readonly commitment: Hex
  readonly signature: Hex
}

/** A vote, with the salt that opens its commitment. */
export type RevealedVote = SignedAttestation & { readonly operatorSalt: Hex }

/** What an operator asks of an aggregator. Every method rejects when it is down, refuses, or the signal aborts. */
export interface AggregatorClient {
  /** Signed requests, as they come. Ends when the signal aborts; throws when the connection is lost. */
  watchRequests(options: { readonly signal: AbortSignal }): AsyncIterable<SignedRequest>
  /** Hands in the commitment to a vote. */
  postCommitment(commitment: SignedCommitment, options: { readonly signal: AbortSignal }): Promise<void>
  /**
   * Resolves once the aggregator holds commitments that it says are of quorum weight; the operator checks that. May be asked
   * before `postCommitment` has resolved, so that neither waits for the other.
   */
  getCommitments(requestId: Hex, options: { readonly signal: AbortSignal }): Promise<readonly SignedCommitment[]>
  /** Resolves once the aggregator has taken the vote. */
  postVote(vote: RevealedVote, options: { readonly signal: AbortSignal }): Promise<void>
}
