import { describe, expect, test } from 'vitest'
import { encode } from './codec.ts'
import { decodeManifest, decodePolicy, encodeManifest, encodePolicy } from './documents.ts'
import { runtimeClass } from './fingerprint.ts'
import type { IpldValue, ModelManifest, PolicyDocument, RuntimeProfile } from './types.ts'

const digest = `0x${'33'.repeat(32)}` as const
const profile: RuntimeProfile = {
  engine: 'onnxruntime-web',
  version: '1.30.0',
  provider: 'wasm',
  threads: 1,
  optimization: 'all',
}
const manifest: ModelManifest = {
  v: 1,
  name: 'silero-vad',
  weights: { digest, format: 'onnx', size: 2_000_000 },
  tokenizer: { digest, format: 'tokenizer.json' },
  runtimes: [profile],
}
const counts = { n: 3, valid: 1, invalid: 1, inconclusive: 1 }
const policy: PolicyDocument = {
  v: 1,
  verifier: '@acme/rubric/strict',
  revision: 2,
  parameters: { tolerance: 1e-6 },
  confidence: { valid: 9900, invalid: 9500, graded: true },
  references: { judge: { manifestDigest: digest } },
  errorRates: { honest: counts, attacks: { int8: counts } },
  calibration: { calibrationSet: digest, testSet: digest, report: digest },
}

test('a manifest comes back as it was', async () => {
  const encoded = await encodeManifest(manifest)
  expect(decodeManifest(encoded.bytes)).toEqual(manifest)
})

test('a policy comes back as it was', async () => {
  const encoded = await encodePolicy(policy)
  expect(decodePolicy(encoded.bytes)).toEqual(policy)
})

const without = (value: object, key: string) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as IpldValue

describe('a manifest is refused with', () => {
  test.each<[string, IpldValue]>([
    ['another version', { ...manifest, v: 2 }],
    ['an unknown key', { ...manifest, licence: 'MIT' }],
    ['no name', without(manifest, 'name')],
    ['an empty name', { ...manifest, name: '' }],
    ['no runtimes', without(manifest, 'runtimes')],
    ['weights of no size', { ...manifest, weights: { ...manifest.weights, size: 0 } }],
    ['an upper-case digest', { ...manifest, weights: { ...manifest.weights, digest: `0x${'AB'.repeat(32)}` } }],
    ['an unknown key in a runtime', { ...manifest, runtimes: [{ ...profile, gpu: true }] }],
  ])('%s', async (_, value) => {
    expect(() => decodeManifest(encode(value))).toThrow(expect.objectContaining({ name: 'PayloadInvalidError' }))
    await expect(encodeManifest(value as unknown as ModelManifest)).rejects.toMatchObject({
      name: 'PayloadInvalidError',
    })
  })
})

describe('a policy is refused with', () => {
  test.each<[string, IpldValue]>([
    ['no parameters', without(policy, 'parameters')],
    ['an unknown key', { ...policy, note: 'x' }],
    ['revision 0', { ...policy, revision: 0 }],
    ['a confidence over 10,000', { ...policy, confidence: { valid: 10_001, invalid: 1 } }],
    ['a confidence that the registry refuses', { ...policy, confidence: { valid: 99, invalid: 1 } }],
    ['a fractional confidence', { ...policy, confidence: { valid: 9999.5, invalid: 1 } }],
    ['a reference to nothing', { ...policy, references: { judge: {} } }],
    ['a reference in the role of the model', { ...policy, references: { model: { weightsDigest: digest } } }],
    [
      'a role that the schema library would drop',
      { ...policy, references: { constructor: { weightsDigest: digest } } },
    ],
    ['counts that do not add up', { ...policy, errorRates: { honest: { ...counts, n: 4 }, attacks: {} } }],
  ])('%s', async (_, value) => {
    expect(() => decodePolicy(encode(value))).toThrow(expect.objectContaining({ name: 'PayloadInvalidError' }))
    await expect(encodePolicy(value as unknown as PolicyDocument)).rejects.toMatchObject({
      name: 'PayloadInvalidError',
    })
  })
})

test('documents that are not canonical are refused', async () => {
  // The head of a map of 5: moving its first entry to the end keeps the value and changes the bytes.
  const { bytes } = await encodeManifest(manifest)
  const first = bytes.subarray(1, 4)
  expect(first).toEqual(new Uint8Array([0x61, 0x76, 0x01]))
  const moved = new Uint8Array([bytes[0] ?? 0, ...bytes.subarray(4), ...first])
  expect(() => decodeManifest(moved)).toThrow(expect.objectContaining({ name: 'PayloadNotCanonicalError' }))
})

describe('runtimeClass', () => {
  test('leaves out the weights', () => {
    const written = 'onnxruntime-web@1.30.0/wasm/threads=1/optimization=all'
    expect(runtimeClass(profile)).toBe(written)
    expect(runtimeClass({ ...profile, weightsDigest: digest } as RuntimeProfile)).toBe(written)
  })

  test('tells every field apart, whatever characters they have', () => {
    const a = runtimeClass({ ...profile, engine: 'a@b', version: 'c' })
    const b = runtimeClass({ ...profile, engine: 'a', version: 'b@c' })
    const c = runtimeClass({ ...profile, version: '1/wasm' })
    const d = runtimeClass({ ...profile, version: '1', provider: 'wasm/wasm' })
    expect(new Set([a, b, c, d]).size).toBe(4)
  })
})
