import type { Hex, LocalAccount } from 'viem'
import type { AggregatorClient } from '../aggregator/types.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { AggregatorFailedError } from '../errors/operator.ts'
import { abortable, withTimeout } from '../utils/abort.ts'
import { commitmentHash, commitmentTypes, hashAttestation, toTypedDataDomain } from '../utils/typedData.ts'
import { assertCommitments } from './commitments.ts'
import type { SignedVote } from './machine.ts'
import type { Reads } from './reads.ts'
import type { RequestRecord } from './store.ts'

/**
 * Votes by way of an aggregator: commits to the vote, makes sure that a quorum has committed, and only then publishes the
 * evidence and reveals the vote.
 *
 * Throws an `AggregatorFailedError` if the aggregator fails or takes longer than the timeout, a
 * `CommitmentsInsufficientError` if what it shows is no quorum, or the signal's reason. The vote may then have been
 * revealed all the same, if it was under way.
 *
 * @param parameters.publishEvidence Asked for once a quorum has committed. What it throws rises as it is.
 * @param parameters.timeout Milliseconds for all of it.
 */
export async function revealVote({
  aggregator,
  deployment,
  signer,
  record,
  vote,
  operatorSalt,
  reads,
  publishEvidence,
  timeout,
  signal,
}: {
  aggregator: AggregatorClient
  deployment: Deployment
  signer: LocalAccount
  record: RequestRecord
  vote: SignedVote
  operatorSalt: Hex
  reads: Reads
  publishEvidence: (options: { signal: AbortSignal }) => Promise<void>
  timeout: number
  signal: AbortSignal
}): Promise<void> {
  const { requestId, request, job } = record
  const { attestation, signature } = vote
  const { operator } = attestation
  const commitment = commitmentHash(hashAttestation({ deployment, attestation }), operatorSalt)
  // Ends what is still asked for when something else has failed.
  const ended = new AbortController()
  const limit = withTimeout(AbortSignal.any([signal, ended.signal]), timeout)
  const ask = async <answer>(
    step: Exclude<keyof AggregatorClient, 'watchRequests'>,
    call: (options: { signal: AbortSignal }) => Promise<answer>,
  ): Promise<answer> => {
    try {
      return await abortable(call({ signal: limit.signal }), limit.signal)
    } catch (cause) {
      signal.throwIfAborted()
      throw new AggregatorFailedError({ step, requestId, cause })
    }
  }
  try {
    const message = { requestId, operator, commitment }
    const domain = toTypedDataDomain(deployment)
    const promise = {
      ...message,
      signature: await signer.signTypedData({ domain, types: commitmentTypes, primaryType: 'Commitment', message }),
    }
    // The others' are asked for at once: they are shown when there are enough.
    const [, commitments] = await Promise.all([
      ask('postCommitment', (options) => aggregator.postCommitment(promise, options)),
      ask('getCommitments', (options) => aggregator.getCommitments(requestId, options)),
    ])
    await assertCommitments({ deployment, requestId, request, job, own: { operator, commitment }, commitments, reads })
    signal.throwIfAborted()
    await publishEvidence({ signal: limit.signal })
    await ask('postVote', (options) => aggregator.postVote({ attestation, signature, operatorSalt }, options))
  } finally {
    ended.abort()
    limit.clear()
  }
}
