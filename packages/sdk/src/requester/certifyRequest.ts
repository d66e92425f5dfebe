import { getBlock } from 'viem/actions'
import { getRequestState } from '../actions/avs/getRequestState.ts'
import { isNonceUsed } from '../actions/avs/isNonceUsed.ts'
import { requestInferenceVerification } from '../actions/avs/requestInferenceVerification.ts'
import { signRequest } from '../actions/avs/signRequest.ts'
import { verifyCertificate } from '../actions/avs/verifyCertificate.ts'
import { sleep } from '../actions/internal/sleep.ts'
import type { SignedRequest } from '../aggregator/types.ts'
import { AggregatorRefusedError, CertificateTimeoutError, RequestNeverOpenedError } from '../errors/aggregator.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import { OutcomeTimeoutError } from '../errors/request.ts'
import { withTimeout } from '../utils/abort.ts'
import { hashRequest } from '../utils/typedData.ts'
import { assertCertifyParameters } from './assertParameters.ts'
import { prepareRequest, type RequesterContext } from './openRequest.ts'
import { readReceipt } from './readReceipt.ts'
import { findRequest, toInferenceRequest } from './toInferenceRequest.ts'
import type {
  CertificateOptions,
  CertifiedRequest,
  CertifyParameters,
  InferenceRequest,
  Outcome,
  OutcomeOptions,
  VerifiedCertificate,
} from './types.ts'

/** What is no reason to do without an outcome: the request is on chain already, or the job decided. */
const alreadyThere = ['RequestAlreadyOpenedError', 'RequestNotOpenError', 'JobAlreadyDecidedError'] as const

/** What the chain can do without. */
const aggregatorFailures = [
  'AggregatorAnswerInvalidError',
  'AggregatorRefusedError',
  'AggregatorUnavailableError',
  'CertificateTimeoutError',
  'QuorumNotReachedError',
] as const

const isOneOf = (error: unknown, names: readonly string[]) =>
  isProofOfInferenceError(error) && names.includes(error.name)

/** See `requester.certify`. */
export async function certifyRequest(
  config: RequesterContext,
  parameters: CertifyParameters,
): Promise<CertifiedRequest> {
  assertCertifyParameters(parameters)
  const { client, deployment } = config
  const { aggregator, ...terms } = parameters
  // Signed terms may reach operators at once, so that the payloads must be there first; none travels with a signature.
  const whole = { ...terms, funding: 'deposit', commitWindow: 0, inline: false } as const
  const { prepared, request, consent, blockNumber, voters } = await prepareRequest(config, whole)
  const { job, jobId } = prepared
  const id = hashRequest({ deployment, request })
  const requesterSignature = await signRequest(client, { deployment, request })
  const signed: SignedRequest = { request, job, requesterSignature, ...(consent !== '0x' && { consent }) }
  // `certificate` hands it in again, and says what is wrong.
  let isHandedIn = await aggregator.submitRequest(signed, { signal: parameters.signal }).then(
    () => true,
    (error: unknown) => {
      parameters.signal?.throwIfAborted()
      if (!isOneOf(error, aggregatorFailures)) throw error
      return false
    },
  )

  async function open(): Promise<InferenceRequest> {
    const { requestId, ...opened } = await requestInferenceVerification(client, {
      ...{ deployment, request, job, consent },
      fromDeposit: true,
    })
    return toInferenceRequest(config, { ...opened, id: requestId, job, request })
  }

  /** The votes that the aggregator has; all else is known better here. */
  async function collect(signal: AbortSignal): Promise<VerifiedCertificate> {
    for (;;) {
      if (!isHandedIn) await aggregator.submitRequest(signed, { signal })
      isHandedIn = true
      try {
        const { votes } = await aggregator.getCertificate(id, { signal })
        const certificate = { ...signed, votes }
        return { ...(await verifyCertificate(client, { deployment, certificate, voters })), certificate }
      } catch (error) {
        // It has restarted in between.
        const isForgotten = error instanceof AggregatorRefusedError && error.code === 'RequestUnknown'
        if (!isForgotten) throw error
        isHandedIn = false
        await sleep(client.pollingInterval, signal)
      }
    }
  }

  async function certificate({ timeout, signal }: CertificateOptions = {}): Promise<VerifiedCertificate> {
    const untilDeadline = Math.max(0, request.deadline * 1000 - Date.now())
    const within = Math.min(timeout ?? untilDeadline, 2 ** 31 - 1)
    const limit = withTimeout(signal, within)
    try {
      return await collect(limit.signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (limit.timedOut()) throw new CertificateTimeoutError({ requestId: id, timeout: within, cause: error })
      throw error
    } finally {
      limit.clear()
    }
  }

  /** Waits until the request is on chain. */
  async function seen({ pollingInterval, signal, timeout }: OutcomeOptions): Promise<void> {
    const timesOutAt = timeout === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeout
    for (;;) {
      signal?.throwIfAborted()
      const block = await getBlock(client)
      const at = { deployment, blockNumber: block.number }
      const { requester, nonce, deadline } = request
      const [state, isUsed] = await Promise.all([
        getRequestState(client, { ...at, requestId: id }),
        isNonceUsed(client, { ...at, requester, nonce }),
      ])
      if (state.status !== 'none' || isUsed) return
      if (block.timestamp > deadline) throw new RequestNeverOpenedError({ requestId: id, deadline })
      const rest = timesOutAt - Date.now()
      if (timeout !== undefined && rest <= 0) throw new OutcomeTimeoutError({ requestId: id, timeout })
      await sleep(Math.min(pollingInterval ?? client.pollingInterval, rest), signal)
    }
  }

  async function outcome({ openAfter, ...options }: CertifiedOptions<OutcomeOptions> = {}): Promise<Outcome> {
    const startedAt = Date.now()
    if (openAfter !== undefined) {
      await certificate({ timeout: openAfter, signal: options.signal }).catch(async (error: unknown) => {
        if (isOneOf(error, alreadyThere)) return
        if (!isOneOf(error, aggregatorFailures)) throw error
        await open().catch((refusal: unknown) => {
          if (!isOneOf(refusal, alreadyThere)) throw refusal
        })
      })
    }
    const left = () => (options.timeout === undefined ? undefined : options.timeout - (Date.now() - startedAt))
    await seen({ ...options, timeout: left() })
    return (await findRequest(config, id, blockNumber)).outcome({ ...options, timeout: left() })
  }

  return {
    ...{ id, jobId, job, request, requesterSignature, certificate, open, outcome },
    async receipt({ binding, post, ...options } = {}) {
      const { blocksPerQuery } = options
      return readReceipt(config, { job, jobId }, () => outcome(options), { binding, post, blocksPerQuery })
    },
  }
}

type CertifiedOptions<options> = options & { readonly openAfter?: number | undefined }
