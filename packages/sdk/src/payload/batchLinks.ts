import { CID } from 'multiformats/cid'
import * as v from 'valibot'
import { PayloadInvalidError } from '../errors/payload.ts'
import { maxBatchSize } from './batchRule.ts'
import { cidToDigest, digestToCid, isPayloadCid } from './digest.ts'
import { parse } from './schemas.ts'
import type { Block, Digest, EncodedPayload } from './types.ts'

const link = v.pipe(
  v.custom<CID>((value) => CID.asCID(value) !== null, 'a CID'),
  v.check(isPayloadCid, 'an item is a DAG-CBOR block'),
)

/** A batch as it is encoded: links to the payloads of its items, in order. */
const wireBatch = v.strictObject({ type: v.literal('batch'), items: v.array(link) })

/** A batch for the wire, and the blocks of its items, each once. */
export function toLinks(items: readonly EncodedPayload[], what: string) {
  assertSize(items.length, what)
  const blocks = new Map<Digest, Block>()
  for (const { bytes, digest, blocks: chunks } of items)
    for (const block of [...chunks, { bytes, digest }]) blocks.set(block.digest, block)
  const members = { type: 'batch', items: items.map(({ digest }) => digestToCid(digest)) }
  return { members, blocks: [...blocks.values()] }
}

/** The digests of a batch's items. */
export function fromLinks(members: unknown, what: string): readonly Digest[] {
  const { items } = parse(wireBatch, members, { what })
  assertSize(items.length, what)
  return items.map(cidToDigest)
}

/**
 * Makes sure that an input and an output are of one inference, or of a batch each with as many items. Throws a
 * `PayloadInvalidError` otherwise.
 *
 * @param sizes Items of each; `undefined` where it is no batch.
 */
export function assertPair({ input, output }: { input: number | undefined; output: number | undefined }): void {
  if (input === output) return
  const describe = (size: number | undefined) => (size === undefined ? 'a single one' : `a batch of ${size}`)
  const issue = `the input is ${describe(input)}, the output ${describe(output)}`
  throw new PayloadInvalidError({ what: 'pair of input and output', issues: [issue] })
}

function assertSize(size: number, what: string): void {
  if (size < 1 || size > maxBatchSize)
    throw new PayloadInvalidError({ what, issues: [`items: a batch has 1 to ${maxBatchSize} items, not ${size}`] })
}
