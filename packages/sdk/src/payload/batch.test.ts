import { describe, expect, test } from 'vitest'
import { decodeInference } from './batch.ts'
import { maxBatchSize } from './batchRule.ts'
import { decode, encode } from './codec.ts'
import { digest, digestToCid } from './digest.ts'
import { decodeInput, decodeOutput, encodeInput, encodeOutput } from './inference.ts'
import { memoryPayloadStore } from './memoryPayloadStore.ts'
import type { PayloadSource, PayloadStore } from './store.ts'
import { chunkSize } from './tensor.ts'
import { putPayload } from './transfer.ts'
import type { BatchInput, Digest, InferenceInput, InferenceOutput, IpldValue, RuntimeFingerprint } from './types.ts'

const runtime: RuntimeFingerprint = {
  engine: 'onnxruntime-web',
  version: '1.30.0',
  provider: 'wasm',
  threads: 1,
  optimization: 'all',
  weightsDigest: `0x${'22'.repeat(32)}`,
}
const inputOf = (value: IpldValue): InferenceInput => ({ type: 'json', value })
const outputOf = (value: IpldValue): InferenceOutput => ({ type: 'json', value, runtime })
const range = (size: number) => [...Array(size).keys()]

/** A batch of as many items in a store, and what encoding it gave. */
async function publish(size: number, store: PayloadStore) {
  const input = await encodeInput({ type: 'batch', items: range(size).map((index) => inputOf(index)) })
  const output = await encodeOutput({ type: 'batch', items: range(size).map((index) => outputOf(-index - 1)) })
  await putPayload(store, input)
  await putPayload(store, output)
  return { input, output }
}

/** The source, with a record of what was asked of it and what is under way. */
function recorder(source: PayloadSource) {
  const record = {
    asked: [] as Digest[],
    open: 0,
    most: 0,
    aborted: 0,
    /** Digests that are never answered. */
    stuck: new Set<Digest>(),
    async get(key: Digest, options: Parameters<PayloadSource['get']>[1] = {}): Promise<Uint8Array> {
      record.asked.push(key)
      record.open++
      record.most = Math.max(record.most, record.open)
      options.signal?.addEventListener('abort', () => record.aborted++)
      if (record.stuck.has(key)) return new Promise(() => {})
      try {
        return await source.get(key, options)
      } finally {
        record.open--
      }
    },
  }
  return record
}

async function open(...[bytes, options]: Parameters<typeof decodeInference>) {
  const found = await decodeInference(bytes, options)
  if (!('batch' in found)) throw new Error('not a batch')
  return found.batch
}

/** The bytes of an encoded pair. */
const bytesOf = ({ input, output }: Record<'input' | 'output', { bytes: Uint8Array }>) => ({
  input: input.bytes,
  output: output.bytes,
})

async function collect<item>(items: AsyncIterable<item>): Promise<item[]> {
  const all: item[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('encoding', () => {
  test('links to the items in order: a golden vector', async () => {
    const items = [inputOf('a'), inputOf('b')]
    const { bytes, digest: batchDigest, blocks } = await encodeInput({ type: 'batch', items })
    const encoded = await Promise.all(items.map((item) => encodeInput(item)))
    expect(decode(bytes)).toEqual({ v: 1, type: 'batch', items: encoded.map((item) => digestToCid(item.digest)) })
    expect(blocks).toEqual(encoded.map(({ bytes, digest }) => ({ bytes, digest })))
    expect(batchDigest).toBe(await digest(bytes))
    expect(batchDigest).toMatchInlineSnapshot(`"0xdb5acdd48e7d84967ce569acdf32ce4ad3c5ed95bde574f116ef263e4d6688b6"`)
  })

  test('carries an item that is there twice once, and the chunks of large ones', async () => {
    const data = new Float32Array(chunkSize / 4 + 1)
    const large: InferenceInput = { type: 'tensors', tensors: { x: { dtype: 'float32', dims: [data.length], data } } }
    const { bytes, blocks } = await encodeInput({ type: 'batch', items: [large, inputOf(1), large] })
    const { blocks: chunks, digest: largeDigest } = await encodeInput(large)
    expect(chunks).toHaveLength(2)
    expect(blocks).toHaveLength(4)
    expect(blocks.map((block) => block.digest)).toEqual(expect.arrayContaining(chunks.map((chunk) => chunk.digest)))
    expect(decode(bytes)).toMatchObject({ items: { 0: digestToCid(largeDigest), 2: digestToCid(largeDigest) } })
  })

  test('stores the items before the batch', async () => {
    const stored: Digest[] = []
    const store = memoryPayloadStore()
    const put: PayloadStore['put'] = async (bytes) => {
      const key = await store.put(bytes)
      stored.push(key)
      return key
    }
    const { input } = await publish(20, { ...store, put })
    expect(stored.indexOf(input.digest)).toBe(20)
  })

  test('takes 1 to 4096 items', async () => {
    const encodeMany = (count: number) => encodeInput({ type: 'batch', items: Array(count).fill(inputOf(0)) })
    for (const count of [0, maxBatchSize + 1])
      await expect(encodeMany(count)).rejects.toMatchObject({
        name: 'PayloadInvalidError',
        issues: [`items: a batch has 1 to 4096 items, not ${count}`],
      })
    expect((await encodeMany(maxBatchSize)).blocks).toHaveLength(1)
  })

  test('refuses a batch in a batch, and says which item is wrong', async () => {
    const inner: BatchInput = { type: 'batch', items: [inputOf(1)] }
    const items = [inputOf(0), inner as unknown as InferenceInput]
    await expect(encodeInput({ type: 'batch', items })).rejects.toThrow('The input 1 is not well-formed')
  })
})

describe('decoding', () => {
  test('gives single inferences as they are', async () => {
    const pair = { input: await encodeInput(inputOf(1)), output: await encodeOutput(outputOf(2)) }
    expect(await decodeInference(bytesOf(pair))).toEqual({ input: inputOf(1), claimed: outputOf(2) })
  })

  test('gives all items in order, or those that are asked for in the order asked', async () => {
    const store = memoryPayloadStore()
    const batch = await open(bytesOf(await publish(5, store)), { store })
    expect(batch.size).toBe(5)
    const expected = range(5).map((index) => ({ index, input: inputOf(index), claimed: outputOf(-index - 1) }))
    expect(await collect(batch.items())).toEqual(expected)
    expect(await collect(batch.items([3, 0, 3]))).toEqual([expected[3], expected[0], expected[3]])
    expect(await collect(batch.items([]))).toEqual([])
    for (const index of [-1, 5, 0.5, Number.NaN]) expect(() => batch.items([index])).toThrow(RangeError)
  })

  test('fetches nothing but the items that are asked for, a few at a time', async () => {
    const store = memoryPayloadStore()
    const published = await publish(64, store)
    const record = recorder(store)
    const batch = await open(bytesOf(published), { store: record })
    expect(record.asked).toEqual([])
    const wanted = [40, 2, 33, 5, 60, 7, 8, 9]
    await collect(batch.items(wanted))
    const digests = await Promise.all(
      wanted.flatMap((index) => [encodeInput(inputOf(index)), encodeOutput(outputOf(-index - 1))]),
    )
    expect(record.asked).toEqual(digests.map((encoded) => encoded.digest))
    expect(record.most).toBeLessThanOrEqual(6)
  })

  test('fetches no more once the iteration ends, and aborts what is under way', async () => {
    const store = memoryPayloadStore()
    const published = await publish(64, store)
    const record = recorder(store)
    const [, second] = published.input.blocks
    if (second) record.stuck.add(second.digest)
    const batch = await open(bytesOf(published), { store: record })
    for await (const { index } of batch.items()) {
      expect(index).toBe(0)
      break
    }
    expect(record.asked).toHaveLength(6)
    expect(record.aborted).toBeGreaterThan(0)
  })

  test.each(['of the batch', 'of the iteration'])('ends with the reason of the signal %s', async (which) => {
    const store = memoryPayloadStore()
    const published = await publish(8, store)
    const record = recorder(store)
    for (const block of published.output.blocks.slice(2)) record.stuck.add(block.digest)
    const controller = new AbortController()
    const { signal } = controller
    const batch = await open(bytesOf(published), { store: record, ...(which === 'of the batch' && { signal }) })
    const seen: number[] = []
    const reading = (async () => {
      for await (const { index } of batch.items(undefined, which === 'of the batch' ? {} : { signal })) {
        seen.push(index)
        if (index === 1) controller.abort(new Error('finalised'))
      }
    })()
    await expect(reading).rejects.toThrow('finalised')
    expect(seen).toEqual([0, 1])
  })

  test('checks every byte of an item against its digest', async () => {
    const store = memoryPayloadStore()
    const published = await publish(4, store)
    const [, , third] = published.output.blocks
    const lying: PayloadSource = {
      get: (key, options) => store.get(key === third?.digest ? published.input.digest : key, options),
    }
    const batch = await open(bytesOf(published), { store: lying })
    const seen: number[] = []
    const reading = (async () => {
      for await (const { index } of batch.items()) seen.push(index)
    })()
    await expect(reading).rejects.toMatchObject({ name: 'PayloadDigestMismatchError' })
    expect(seen).toEqual([0, 1])
  })

  test('limits the bytes of each item, with its chunks, and of all together', async () => {
    const store = memoryPayloadStore()
    const data = new Float32Array(chunkSize / 4 + 1)
    const large: InferenceInput = { type: 'tensors', tensors: { x: { dtype: 'float32', dims: [data.length], data } } }
    const input = await encodeInput({ type: 'batch', items: [inputOf(0), large, inputOf(0)] })
    const output = await encodeOutput({ type: 'batch', items: range(3).map(outputOf) })
    await putPayload(store, input)
    await putPayload(store, output)
    const read = async (options: { maxBytes?: number; maxBatchBytes?: number }) =>
      collect((await open(bytesOf({ input, output }), { store, ...options })).items())
    expect(await read({ maxBytes: chunkSize + 1000, maxBatchBytes: chunkSize + 10_000 })).toHaveLength(3)
    await expect(read({ maxBytes: chunkSize })).rejects.toMatchObject({ name: 'PayloadTooLargeError' })
    await expect(read({ maxBatchBytes: chunkSize })).rejects.toMatchObject({
      name: 'PayloadTooLargeError',
      limit: chunkSize,
    })
  })

  test('counts an item as often as it is fetched', async () => {
    const store = memoryPayloadStore()
    const published = await publish(1, store)
    const [{ bytes: a }, { bytes: b }] = [published.input.blocks[0], published.output.blocks[0]] as [
      { bytes: Uint8Array },
      { bytes: Uint8Array },
    ]
    const batch = await open(bytesOf(published), { store, maxBatchBytes: 2 * (a.length + b.length) })
    await collect(batch.items())
    await collect(batch.items())
    await expect(collect(batch.items())).rejects.toMatchObject({ name: 'PayloadTooLargeError' })
  })

  test('needs a store for the items', async () => {
    const batch = await open(bytesOf(await publish(1, memoryPayloadStore())))
    await expect(collect(batch.items())).rejects.toMatchObject({ name: 'PayloadUnavailableError' })
  })

  test('refuses a batch in a batch', async () => {
    const store = memoryPayloadStore()
    const inner = await publish(1, store)
    const wrap = (key: Digest) => encode({ v: 1, type: 'batch', items: [digestToCid(key)] })
    const batch = await open({ input: wrap(inner.input.digest), output: wrap(inner.output.digest) }, { store })
    await expect(collect(batch.items())).rejects.toMatchObject({ name: 'PayloadInvalidError' })
    await expect(decodeInput(inner.input.bytes)).rejects.toMatchObject({ name: 'PayloadInvalidError' })
    await expect(decodeOutput(inner.output.bytes)).rejects.toMatchObject({ name: 'PayloadInvalidError' })
  })

  test('refuses pairs that do not belong together', async () => {
    const store = memoryPayloadStore()
    const [two, three] = [await publish(2, store), await publish(3, store)]
    const single = { input: await encodeInput(inputOf(1)), output: await encodeOutput(outputOf(1)) }
    for (const [input, output, issue] of [
      [two.input, three.output, 'the input is a batch of 2, the output a batch of 3'],
      [two.input, single.output, 'the input is a batch of 2, the output a single one'],
      [single.input, two.output, 'the input is a single one, the output a batch of 2'],
    ] as const)
      await expect(decodeInference(bytesOf({ input, output }))).rejects.toMatchObject({
        name: 'PayloadInvalidError',
        issues: [issue],
      })
  })

  test.each<[string, IpldValue]>([
    ['no items', { v: 1, type: 'batch', items: [] }],
    ['too many', { v: 1, type: 'batch', items: Array(maxBatchSize + 1).fill(digestToCid(`0x${'00'.repeat(32)}`)) }],
    ['items that are not links', { v: 1, type: 'batch', items: ['0x00'] }],
    ['items inside', { v: 1, type: 'batch', items: [{ v: 1, type: 'json', value: 1 }] }],
    ['links to raw blocks', { v: 1, type: 'batch', items: [digestToCid(`0x${'00'.repeat(32)}`, 'raw')] }],
    ['an unknown key', { v: 1, type: 'batch', items: [digestToCid(`0x${'00'.repeat(32)}`)], runtime: null }],
    ['another version', { v: 2, type: 'batch', items: [digestToCid(`0x${'00'.repeat(32)}`)] }],
  ])('refuses %s', async (_, value) => {
    const bytes = encode(value)
    await expect(decodeInference({ input: bytes, output: bytes })).rejects.toMatchObject({
      name: 'PayloadInvalidError',
    })
  })
})
