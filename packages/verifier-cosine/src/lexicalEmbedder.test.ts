import { tensorFloors } from '@proof-of-inference/sdk/calibration'
import { digest, type ModelManifest, type RuntimeFingerprint, runtimeClass } from '@proof-of-inference/sdk/payload'
import { createRandom, runVerifier } from '@proof-of-inference/sdk/verifier'
import { expect, test } from 'vitest'
import { cosine } from './cosine.ts'
import { lexicalEmbedder, specification } from './lexicalEmbedder.ts'

const { signal } = new AbortController()
const embed = (text: string) => lexicalEmbedder().embed(text, { signal })

async function distance(a: string, b: string): Promise<number> {
  const [x, y] = [await embed(a), await embed(b)]
  const dot = (p: Float32Array, q: Float32Array) => p.reduce((sum, value, index) => sum + value * (q[index] ?? 0), 0)
  return 1 - dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
}

test('its digest is that of its specification', async () => {
  expect(await digest(new TextEncoder().encode(specification))).toBe(lexicalEmbedder().digest)
})

test('gives the vectors of its specification: golden', async () => {
  const nonZero = async (text: string) => [...(await embed(text)).entries()].filter(([, value]) => value !== 0)
  expect(await nonZero('')).toEqual([])
  expect(await nonZero('a')).toMatchInlineSnapshot(`
    [
      [
        893,
        -1,
      ],
    ]
  `)
  expect(await nonZero('ñ')).toMatchInlineSnapshot(`
    [
      [
        889,
        -1,
      ],
      [
        910,
        1,
      ],
    ]
  `)
  expect(
    await digest(new Uint8Array((await embed('The quick brown fox jumps over the lazy dog.')).buffer)),
  ).toMatchInlineSnapshot(`"0x3099fe60c8b25c6ebc8a2749618e2cb0684df73d7b1208b6c88b322014c0ef01"`)
})

test('takes a text of a megabyte', async () => {
  const vector = await embed('ab'.repeat(500_000))
  expect(Math.max(...vector.map(Math.abs))).toBe(500_000 - 1)
})

test('sees letters, not meaning', async () => {
  const claim = 'The committee found that the bridge was safe, and that it should be opened to traffic in the spring.'
  const denied = claim.replace('was safe', 'was not safe')
  const reworded = 'Experts concluded there is no danger, so cars may use the crossing from March.'
  expect(await distance(claim, claim)).toBeCloseTo(0, 12)
  expect(await distance(claim, denied)).toBeLessThan(0.1)
  expect(await distance(claim, reworded)).toBeGreaterThan(0.5)
})

test('serves cosine()', async () => {
  const weightsDigest = `0x${'22'.repeat(32)}` as const
  const runtime: RuntimeFingerprint = {
    ...{ engine: 'engine', version: '1', provider: 'cpu', threads: 1, optimization: 'all' },
    weightsDigest,
  }
  const manifest: ModelManifest = {
    ...{ v: 1, name: 'm', runtimes: [] },
    weights: { digest: weightsDigest, format: 'x', size: 1 },
  }
  const text = (value: string) => ({ type: 'text', text: value, runtime }) as const
  const own = runtimeClass(runtime)
  const scales = {
    ...tensorFloors(['embedding']),
    'embedding/cosine': 0.01,
    'embedding/relativeL2': 1,
    'embedding/maxAbs': 10,
  }
  const policy = cosine.policy({
    pairs: [{ claimed: own, reference: own, scales, validBelow: 10, invalidAbove: 20 }],
    embedder: lexicalEmbedder().digest,
    confidence: { valid: 9_000, invalid: 9_000 },
  })
  const id = `0x${'01'.repeat(32)}` as const
  const random = (name: string) => createRandom(id, name)
  const verdictOn = async (claimed: string) => {
    const job = {
      requestId: id,
      jobId: id,
      input: { type: 'json', value: 1 },
      claimed: text(claimed),
      manifest,
      policy,
    } as const
    const runner = {
      fingerprint: runtime,
      deterministic: true,
      run: async () => text('a tale of two cities'),
      dispose: async () => {},
    }
    const context = {
      operator: `0x${'a1'.repeat(20)}`,
      runner: async () => runner,
      shared: random,
      secret: random,
      signal,
    } as const
    return (await runVerifier(cosine({ embedder: lexicalEmbedder() }), job, context)).verdict.status
  }
  expect(await verdictOn('a tale of two cities')).toBe('valid')
  // What it cannot see.
  expect(await verdictOn('a tale of two citiez')).toBe('valid')
  expect(await verdictOn('great expectations')).toBe('invalid')
  expect(await verdictOn('')).toBe('invalid')
})
