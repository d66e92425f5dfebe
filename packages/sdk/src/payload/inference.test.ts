import fc from 'fast-check'
import { bytesToHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { equalBytes } from '../utils/bytes.ts'
import { decode, encode } from './codec.ts'
import { digest, digestToCid } from './digest.ts'
import { decodeInput, decodeOutput, encodeInput, encodeOutput } from './inference.ts'
import { memoryPayloadStore } from './memoryPayloadStore.ts'
import { chunkSize } from './tensor.ts'
import { putPayload } from './transfer.ts'
import type { InferenceInput, InferenceOutput, IpldValue, RuntimeFingerprint, Tensor } from './types.ts'

const runtime: RuntimeFingerprint = {
  engine: 'onnxruntime-web',
  version: '1.30.0',
  provider: 'wasm',
  threads: 1,
  optimization: 'all',
  weightsDigest: `0x${'22'.repeat(32)}`,
}

const tensors = {
  float32: { dtype: 'float32', dims: [2, 2], data: new Float32Array([1, Number.NaN, Infinity, -0]) },
  float64: { dtype: 'float64', dims: [1], data: new Float64Array([Math.PI]) },
  int8: { dtype: 'int8', dims: [2], data: new Int8Array([-128, 127]) },
  uint8: { dtype: 'uint8', dims: [1, 1], data: new Uint8Array([255]) },
  int16: { dtype: 'int16', dims: [1], data: new Int16Array([-2]) },
  uint16: { dtype: 'uint16', dims: [1], data: new Uint16Array([65535]) },
  int32: { dtype: 'int32', dims: [1], data: new Int32Array([-1]) },
  uint32: { dtype: 'uint32', dims: [1], data: new Uint32Array([4294967295]) },
  int64: { dtype: 'int64', dims: [], data: new BigInt64Array([-(2n ** 63n)]) },
  uint64: { dtype: 'uint64', dims: [1], data: new BigUint64Array([2n ** 64n - 1n]) },
  bool: { dtype: 'bool', dims: [3], data: new Uint8Array([0, 1, 1]) },
  empty: { dtype: 'float32', dims: [0, 5], data: new Float32Array(0) },
} as const satisfies Record<string, Tensor>

/** The memory of a tensor's data. */
function bytesOf(tensor: Tensor | undefined): Uint8Array {
  if (!tensor) throw new Error('no tensor')
  return new Uint8Array(tensor.data.buffer)
}

const inputs: Record<string, InferenceInput> = {
  tensors: { type: 'tensors', tensors },
  chat: {
    type: 'chat',
    messages: [
      { role: 'system', content: '' },
      { role: 'user', content: '2+2?' },
    ],
    temperature: 0.7,
    topP: 0.9,
    topK: 40,
    maxTokens: 16,
    seed: 7,
    stop: ['\n'],
  },
  json: { type: 'json', value: { list: [1, null, 'x'], bytes: new Uint8Array([1]) } },
}

const outputs: Record<string, InferenceOutput> = {
  tensors: { type: 'tensors', tensors, runtime, proofs: { activations: new Uint8Array([1]) } },
  text: { type: 'text', text: 'four', tokenIds: [1, 2], runtime },
  json: { type: 'json', value: null, runtime },
}

describe('round trips', () => {
  test.each(Object.entries(inputs))('input %s', async (_, input) => {
    const encoded = await encodeInput(input)
    expect(encoded.digest).toBe(await digest(encoded.bytes))
    expect(encoded.blocks).toEqual([])
    expect(await decodeInput(encoded.bytes)).toEqual(input)
    expect((await encodeInput(await decodeInput(encoded.bytes))).digest).toBe(encoded.digest)
  })

  test.each(Object.entries(outputs))('output %s', async (_, output) => {
    const encoded = await encodeOutput(output)
    expect(await decodeOutput(encoded.bytes)).toEqual(output)
    expect((await encodeOutput(await decodeOutput(encoded.bytes))).digest).toBe(encoded.digest)
  })

  test('keep every bit of a float, payloads of NaN too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 8, maxLength: 64 }), async (bytes) => {
        const data = new Float64Array(new Uint8Array(bytes.slice(0, bytes.length & ~7)).buffer)
        const input = { type: 'tensors', tensors: { x: { dtype: 'float64', dims: [data.length], data } } } as const
        const decoded = await decodeInput((await encodeInput(input)).bytes)
        if (decoded.type !== 'tensors') throw new Error('not tensors')
        expect(bytesToHex(bytesOf(decoded.tensors.x))).toBe(bytesToHex(new Uint8Array(data.buffer)))
      }),
      { seed: 1 },
    )
  })

  test('take a view into a larger buffer', async () => {
    const data = new Float32Array([9, 1, 2]).subarray(1)
    const { bytes } = await encodeInput({ type: 'tensors', tensors: { x: { dtype: 'float32', dims: [2], data } } })
    expect(await decodeInput(bytes)).toEqual({
      type: 'tensors',
      tensors: { x: { dtype: 'float32', dims: [2], data: new Float32Array([1, 2]) } },
    })
  })

  test('write little-endian bytes: a golden vector', async () => {
    const { bytes, digest } = await encodeInput({
      type: 'tensors',
      tensors: { x: { dtype: 'float32', dims: [2], data: new Float32Array([1, -2]) } },
    })
    expect(decode(bytes)).toEqual({
      v: 1,
      type: 'tensors',
      tensors: { x: { dtype: 'float32', dims: [2], data: new Uint8Array([0, 0, 128, 63, 0, 0, 0, 192]) } },
    })
    expect(digest).toMatchInlineSnapshot(`"0x3a12f8c955e7f6ba82c26a6a9638973566163935f506529ab0febbd4c77c9ee4"`)
  })
})

describe('large tensors', () => {
  const elements = chunkSize / 4 + 3
  const data = new Float32Array(elements).map((_, index) => index)
  const input: InferenceInput = { type: 'tensors', tensors: { x: { dtype: 'float32', dims: [elements], data } } }

  test('travel as linked chunks', async () => {
    const store = memoryPayloadStore()
    const encoded = await encodeInput(input)
    expect(encoded.blocks.map((block) => block.bytes.length)).toEqual([chunkSize, 12])
    expect(encoded.bytes.length).toBeLessThan(300)
    expect(await putPayload(store, encoded)).toBe(encoded.digest)
    const decoded = await decodeInput(await store.get(encoded.digest), { store })
    if (decoded.type !== 'tensors') throw new Error('not tensors')
    expect(decoded.tensors.x?.dims).toEqual([elements])
    const same = equalBytes(bytesOf(decoded.tensors.x), new Uint8Array(data.buffer))
    expect(same).toBe(true)
  })

  test('exactly 1 MiB stays inside', async () => {
    const exact = new Float32Array(chunkSize / 4)
    const encoded = await encodeInput({
      type: 'tensors',
      tensors: { x: { dtype: 'float32', dims: [exact.length], data: exact } },
    })
    expect(encoded.blocks).toEqual([])
  })

  test('need a store', async () => {
    await expect(decodeInput((await encodeInput(input)).bytes)).rejects.toMatchObject({
      name: 'PayloadUnavailableError',
    })
  })

  test('are refused when a chunk is another one', async () => {
    const encoded = await encodeInput(input)
    const store = { get: async (_: string, { maxBytes = 0 } = {}) => new Uint8Array(maxBytes) }
    await expect(decodeInput(encoded.bytes, { store })).rejects.toMatchObject({ name: 'PayloadDigestMismatchError' })
  })

  test('are refused beyond maxBytes before a chunk is fetched', async () => {
    let fetched = 0
    const store = {
      get: async () => {
        fetched++
        return new Uint8Array(chunkSize)
      },
    }
    await expect(decodeInput((await encodeInput(input)).bytes, { store, maxBytes: chunkSize })).rejects.toMatchObject({
      name: 'PayloadTooLargeError',
      limit: chunkSize,
    })
    expect(fetched).toBe(0)
  })

  test('that repeat one chunk cannot grow without bound', async () => {
    const link = digestToCid(await digest(new Uint8Array(chunkSize)), 'raw')
    const bytes = encode({
      v: 1,
      type: 'tensors',
      tensors: { x: { dtype: 'uint8', dims: [chunkSize * 1000], data: Array(1000).fill(link) } },
    })
    const store = { get: async () => new Uint8Array(chunkSize) }
    await expect(decodeInput(bytes, { store })).rejects.toMatchObject({ name: 'PayloadTooLargeError' })
  })
})

describe('decoding refuses', () => {
  const wire = (tensor: IpldValue, name = 'x') => ({ v: 1, type: 'tensors', tensors: { [name]: tensor } })
  const four = new Uint8Array(4)
  const rawLink = digestToCid(`0x${'11'.repeat(32)}`, 'raw')
  test.each<[string, IpldValue]>([
    ['a number', 1],
    ['null', null],
    ['a list', []],
    ['no version', { type: 'json', value: 1 }],
    ['another version', { v: 2, type: 'json', value: 1 }],
    ['no type', { v: 1, value: 1 }],
    ['an unknown type', { v: 1, type: 'audio', value: 1 }],
    ['an unknown key', { v: 1, type: 'json', value: 1, note: 'x' }],
    ['json without a value', { v: 1, type: 'json' }],
    ['no tensors', { v: 1, type: 'tensors', tensors: {} }],
    ['a tensor without a name', wire({ dtype: 'float32', dims: [1], data: four }, '')],
    ['a tensor named constructor', wire({ dtype: 'float32', dims: [1], data: four }, 'constructor')],
    ['an unknown dtype', wire({ dtype: 'float16', dims: [2], data: four })],
    ['a dtype of the prototype', wire({ dtype: 'toString', dims: [2], data: four })],
    ['too few bytes', wire({ dtype: 'float32', dims: [2], data: four })],
    ['too many bytes', wire({ dtype: 'float32', dims: [], data: new Uint8Array(8) })],
    ['a negative dim', wire({ dtype: 'float32', dims: [-1], data: four })],
    ['a fractional dim', wire({ dtype: 'float32', dims: [1.5], data: four })],
    ['dims that overflow', wire({ dtype: 'float32', dims: [2 ** 40, 2 ** 40], data: four })],
    ['dims that wrap to the right size', wire({ dtype: 'uint8', dims: [2 ** 32, 2 ** 32], data: new Uint8Array() })],
    ['too many dims', wire({ dtype: 'uint8', dims: Array(17).fill(1), data: new Uint8Array(1) })],
    ['a bool that is neither 0 nor 1', wire({ dtype: 'bool', dims: [1], data: new Uint8Array([2]) })],
    ['small data in chunks', wire({ dtype: 'uint8', dims: [4], data: [rawLink] })],
    ['large data inside', wire({ dtype: 'uint8', dims: [chunkSize + 1], data: new Uint8Array(chunkSize + 1) })],
    ['too few chunks', wire({ dtype: 'uint8', dims: [chunkSize * 2], data: [rawLink] })],
    [
      'links to something other than raw blocks',
      wire({ dtype: 'uint8', dims: [chunkSize + 1], data: [digestToCid(`0x${'11'.repeat(32)}`), rawLink] }),
    ],
    ['chat without messages', { v: 1, type: 'chat', messages: [] }],
    ['a negative temperature', { v: 1, type: 'chat', messages: [{ role: 'user', content: '' }], temperature: -1 }],
    ['a fractional seed', { v: 1, type: 'chat', messages: [{ role: 'user', content: '' }], seed: 0.5 }],
    ['an unknown key in a message', { v: 1, type: 'chat', messages: [{ role: 'user', content: '', name: 'x' }] }],
  ])('an input with %s', async (_, value) => {
    const store = memoryPayloadStore()
    await expect(decodeInput(encode(value), { store })).rejects.toMatchObject({ name: 'PayloadInvalidError' })
  })

  const text = { v: 1, type: 'text', text: 'x' }
  test.each<[string, IpldValue]>([
    ['no runtime', text],
    ['a runtime without weights', { ...text, runtime: { ...runtime, weightsDigest: '0x' } }],
    ['no threads', { ...text, runtime: { ...runtime, threads: 0 } }],
    ['an unknown key in the runtime', { ...text, runtime: { ...runtime, host: 'x' } }],
    ['a negative token id', { ...text, runtime, tokenIds: [-1] }],
    ['a number as text', { ...text, runtime, text: 1 }],
  ])('an output with %s', async (_, value) => {
    await expect(decodeOutput(encode(value))).rejects.toMatchObject({ name: 'PayloadInvalidError' })
  })

  test('bytes beyond maxBytes', async () => {
    const { bytes } = await encodeInput({ type: 'json', value: 'x'.repeat(100) })
    await expect(decodeInput(bytes, { maxBytes: 50 })).rejects.toMatchObject({ name: 'PayloadTooLargeError' })
  })
})

describe('encoding refuses', () => {
  test('data of another type than dtype', async () => {
    const tensor = { dtype: 'float32', dims: [1], data: new Float64Array(1) } as unknown as Tensor
    await expect(encodeInput({ type: 'tensors', tensors: { x: tensor } })).rejects.toMatchObject({
      name: 'PayloadInvalidError',
    })
  })

  test('dims that do not match the data', async () => {
    const tensor: Tensor = { dtype: 'float32', dims: [3], data: new Float32Array(2) }
    await expect(encodeInput({ type: 'tensors', tensors: { x: tensor } })).rejects.toThrow('take 12 bytes')
  })

  test('values that have no encoding, with their path', async () => {
    await expect(encodeInput({ type: 'json', value: { a: [-0] } })).rejects.toMatchObject({
      name: 'PayloadEncodingError',
      path: 'value.a[0]',
    })
  })

  test('what is not of the shape', async () => {
    const { runtime: _, ...rest } = { type: 'text', text: 'x', runtime } as const
    await expect(encodeOutput(rest as unknown as InferenceOutput)).rejects.toMatchObject({
      name: 'PayloadInvalidError',
      issues: [expect.stringContaining('runtime')],
    })
  })
})
