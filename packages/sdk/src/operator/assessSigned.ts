import type { Address, Client } from 'viem'
import { checkOpening } from '../actions/internal/checkOpening.ts'
import { isReferenceLasting } from '../actions/internal/isReferenceLasting.ts'
import { isSignatureOf } from '../actions/internal/isSignatureOf.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import { hashJob } from '../utils/typedData.ts'
import { checkAge, checkFee, checkVoter, type Skip } from './assess.ts'
import { describeError } from './failure.ts'
import type { SkipReason } from './machine.ts'
import type { Reads } from './reads.ts'
import type { RequestRecord, StoreOrigin } from './store.ts'
import type { MinimumFee } from './types.ts'

/** What the contract says where the node may only be a block behind the requester's. */
const passing: readonly string[] = ['InvalidReferenceError', 'TimepointNotPastError']

/** What else it says that is not about the terms. */
const reasons: { readonly [name: string]: SkipReason } = {
  JobAlreadyDecidedError: 'job-decided',
  InsufficientDepositError: 'exposure-exceeded',
}

/**
 * Why a request that its requester signed is not worth any work; `opened` if the chain has it by now, `undefined` if
 * nothing is wrong with it. How much credit its requester has is another matter.
 *
 * Throws where the node does not answer, or seems to be behind.
 */
export async function assessSigned(
  client: Client,
  parameters: {
    deployment: Deployment
    record: RequestRecord
    reads: Reads
    origin: StoreOrigin
    signer: Address
    minimumFee: MinimumFee | undefined
  },
): Promise<Skip | 'opened' | undefined> {
  const { deployment, record, reads, origin, signer, minimumFee } = parameters
  const { request, job, requestId, signed } = record
  if (hashJob({ deployment, job }) !== request.jobId) return { reason: 'terms-refused', details: 'another job' }
  if (request.commitWindow !== 0) return { reason: 'terms-refused', details: 'a commit window' }
  const age = checkAge(request, origin)
  if (age) return age
  // The first to be asked, since anybody can make up a request.
  const { requester } = request
  const isSigned =
    signed &&
    (await isSignatureOf(client, { signer: requester, digest: requestId, signature: signed.requesterSignature }))
  if (!isSigned) return { reason: 'signature-invalid', details: `not of ${requester}` }
  const { referenceTimepoint } = request
  const [voter, refusal, isLasting, fee] = await Promise.all([
    reads.getVoter(origin.owner.operator, referenceTimepoint),
    simulateOpening(client, { deployment, record }),
    isReferenceLasting(client, { deployment, request }),
    checkFee({ request, job }, minimumFee),
  ])
  if (refusal) return refusal
  if (!isLasting) return { reason: 'terms-refused', details: `the reference ${referenceTimepoint} is about to end` }
  return checkVoter(voter, signer) ?? fee
}

/**
 * What the contract would say if the requester opened the request now, from its deposit: it asks the same when a
 * certificate settles it.
 */
async function simulateOpening(
  client: Client,
  { deployment, record: { request, job, signed } }: { deployment: Deployment; record: RequestRecord },
): Promise<Skip | 'opened' | undefined> {
  try {
    await checkOpening(client, { deployment, request, job, consent: signed?.consent })
    return undefined
  } catch (error) {
    if (!isProofOfInferenceError(error) || passing.includes(error.name)) throw error
    if (error.name === 'RequestAlreadyOpenedError') return 'opened'
    return { reason: reasons[error.name] ?? 'terms-refused', details: describeError(error) }
  }
}
