import * as v from 'valibot'
import { numberToHex } from 'viem'
import type { Deployment } from '../../deployments/deployment.ts'
import { InvalidAgentError } from '../../errors/avs.ts'
import { hashJob, type Job } from '../../utils/typedData.ts'
import { addressSchema, amountSchema, hashSchema, hexSchema, uintSchema } from '../messages.ts'
import type { PaymentMessage } from '../types.ts'
import type { GuaranteeClaims } from './guarantee.ts'

export const railName = '4mica'

const party = { rail: v.literal(railName), contract: addressSchema, payer: addressSchema, payee: addressSchema }

export const offerSchema = v.strictObject({ ...party, asset: addressSchema, tabId: amountSchema, reqId: amountSchema })

export const promiseSchema = v.strictObject({
  ...party,
  asset: addressSchema,
  tabId: amountSchema,
  reqId: amountSchema,
  jobId: hashSchema,
  amount: amountSchema,
  totalAmount: amountSchema,
  timestamp: uintSchema,
  minScore: uintSchema,
  agentId: amountSchema,
  signature: hexSchema,
})

export type GuaranteePromise = v.InferOutput<typeof promiseSchema>

export function toMessage(promise: v.InferOutput<typeof offerSchema> | GuaranteePromise): PaymentMessage {
  return Object.fromEntries(
    Object.entries(promise).map(([field, value]) => [field, typeof value === 'bigint' ? value.toString() : value]),
  ) as PaymentMessage
}

/** What a promise is over, by the job itself. */
export function toClaims(
  promise: Omit<GuaranteePromise, 'signature' | 'totalAmount' | 'rail' | 'contract'>,
  { deployment, registry }: { deployment: Deployment; registry: GuaranteeClaims['registry'] },
): GuaranteeClaims {
  return { ...promise, registry, chainId: deployment.chainId, validator: deployment.avs }
}

/** The least score that a verified job always has: guarantees ask for it. */
export function toMinScore(job: Job): number {
  return Math.max(1, Math.floor(job.minConfidence / 100))
}

/** Makes sure that a job is one that a guarantee can be for. */
export function identifyJob(deployment: Deployment, job: Job) {
  if (!job.hasAgent) throw new InvalidAgentError({ hasAgent: job.hasAgent, agentId: job.agentId })
  return { jobId: hashJob({ deployment, job }), agentId: job.agentId, minScore: toMinScore(job) }
}

/** Keys sort as their numbers do. */
export const tabPrefix = (side: 'signed' | 'accepted', tabId: bigint) => `${side}/${numberToHex(tabId, { size: 32 })}/`
export const tabKey = (side: 'signed' | 'accepted', { tabId, reqId }: { tabId: bigint; reqId: bigint }) =>
  `${tabPrefix(side, tabId)}${numberToHex(reqId, { size: 32 })}`
