import type { Hex } from 'viem'
import type { Batch, BatchItem } from '../payload/batch.ts'
import type { BatchSampling, IpldValue } from '../payload/types.ts'
import { sampleBatch } from './batchSampling.ts'
import type { Verdict } from './types.ts'
import { inconclusive, invalid, valid } from './verdict.ts'

type Counts = { readonly [status in Verdict['status']]: number }

/**
 * Judges a batch by the items that the operator's salt draws, one after the other, until the verdict is settled.
 *
 * An inconclusive item might have been either. So a batch is invalid once more items are than are allowed; valid once
 * so many are valid that the others could not make it invalid; and inconclusive when neither can be reached any more.
 * Stopping there gives the verdict that checking every drawn item would have given.
 */
export async function verifySample({
  batch,
  rule,
  operatorSalt,
  signal,
  verify,
}: {
  batch: Batch
  rule: BatchSampling
  operatorSalt: Hex
  signal: AbortSignal
  verify: (item: BatchItem) => Promise<Verdict>
}): Promise<Verdict> {
  const { size } = batch
  const { sample, allowedFailures } = rule
  const sampled = sampleBatch({ operatorSalt, size, sample })
  const counts = { valid: 0, invalid: 0, inconclusive: 0 }
  const items: IpldValue[] = []
  let firstReason: string | undefined
  let status: Verdict['status'] | undefined
  // Of one item is of the batch: the evidence holds that of every item.
  let provesWork = false
  for await (const item of batch.items(sampled, { signal })) {
    const verdict = await verify(item)
    counts[verdict.status]++
    if (verdict.status === 'inconclusive') firstReason ??= verdict.reason
    if (verdict.provesWork) provesWork = true
    items.push({ index: item.index, ...toEvidence(verdict) })
    status = settle(counts, rule)
    if (status) break
  }
  if (!status) throw new Error('the batch gave fewer items than it was asked for')
  const findings = {
    metrics: {
      size,
      sampled: sample,
      checked: items.length,
      failed: counts.invalid,
      inconclusive: counts.inconclusive,
    },
    evidence: { size, salt: operatorSalt, sampled, items },
    ...(provesWork && { provesWork }),
  }
  if (status === 'valid') return valid(findings)
  if (status === 'invalid') {
    const reason = `${counts.invalid} of ${items.length} items are invalid; of ${sample}, ${allowedFailures} may be`
    return invalid({ ...findings, reason })
  }
  const reason = `${counts.inconclusive} of ${items.length} items are inconclusive: ${firstReason}`
  return inconclusive({ ...findings, reason })
}

/** The verdict that no further item can change; `undefined` as long as there is none, which all of them settle. */
function settle(counts: Counts, { sample, allowedFailures }: BatchSampling): Verdict['status'] | undefined {
  const left = sample - counts.valid - counts.invalid - counts.inconclusive
  const needed = sample - allowedFailures
  if (counts.invalid > allowedFailures) return 'invalid'
  if (counts.valid >= needed) return 'valid'
  if (counts.invalid + left <= allowedFailures && counts.valid + left < needed) return 'inconclusive'
  return undefined
}

/** A verdict as a value of the codec. */
export function toEvidence({ status, grade, reason, metrics, evidence }: Verdict) {
  return {
    status,
    // −0 has no encoding; adding 0 makes it 0.
    ...(grade !== undefined && { grade: grade + 0 }),
    ...(reason !== undefined && { reason }),
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, metric + 0])),
    evidence,
  }
}
