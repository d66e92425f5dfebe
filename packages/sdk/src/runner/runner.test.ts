import { describe, expect, test } from 'vitest'
import { digest } from '../payload/digest.ts'
import { fallbackPayloadStore } from '../payload/fallbackPayloadStore.ts'
import { memoryPayloadStore } from '../payload/memoryPayloadStore.ts'
import type { PayloadSource } from '../payload/store.ts'
import type { Digest, ModelManifest } from '../payload/types.ts'
import { defineRunner } from './defineRunner.ts'
import { runnerRegistry } from './runnerRegistry.ts'
import type { Runner, RunnerFactory } from './types.ts'

const weightsOf = (seed: number) => new Uint8Array([seed, 1, 2])
const manifestOf = async (seed: number, changes: Partial<ModelManifest> = {}): Promise<ModelManifest> => ({
  v: 1,
  name: `model ${seed}`,
  weights: { digest: await digest(weightsOf(seed)), format: 'echo', size: 3 },
  runtimes: [],
  ...changes,
})

const profile = { engine: 'echo', version: '1', provider: 'js', threads: 1, optimization: 'none' }

/** An engine that gives back its input, and counts what it loads and disposes. */
function echo(definition: Partial<RunnerFactory> = {}, claimedWeights?: Digest) {
  const counts = { loaded: 0, disposed: 0 }
  const factory = defineRunner({
    name: 'echo',
    formats: ['echo'],
    supports: () => true,
    async load({ manifest }) {
      counts.loaded++
      const fingerprint = { ...profile, weightsDigest: claimedWeights ?? manifest.weights.digest }
      return {
        fingerprint,
        deterministic: true,
        async run(input) {
          return { type: 'json', value: input.type, runtime: fingerprint }
        },
        async *score() {
          yield { kind: 'logits', position: 0, logits: new Float32Array([1]) }
        },
        dispose: async () => void counts.disposed++,
      } satisfies Runner
    },
    ...definition,
  })
  return { factory, counts }
}

/** Loads as another version of the engine would. */
const echoOf =
  (version: string): RunnerFactory['load'] =>
  async (parameters) => {
    const runner = await echo().factory.load(parameters)
    return { ...runner, fingerprint: { ...runner.fingerprint, version } }
  }

async function payloadsWith(...seeds: number[]) {
  const payloads = memoryPayloadStore()
  for (const seed of seeds) await payloads.put(weightsOf(seed))
  return payloads
}

const input = { type: 'json', value: null } as const

describe('defineRunner', () => {
  test('hashes the weights before it loads them', async () => {
    const { factory, counts } = echo()
    const [expected, actual] = [await digest(weightsOf(1)), await digest(weightsOf(2))]
    await expect(factory.load({ manifest: await manifestOf(1), weights: weightsOf(2) })).rejects.toMatchObject({
      name: 'WeightsDigestMismatchError',
      expected,
      actual,
    })
    expect(counts.loaded).toBe(0)
  })

  test('refuses a runner that says it holds other weights, and disposes it', async () => {
    const { factory, counts } = echo({}, await digest(weightsOf(9)))
    await expect(factory.load({ manifest: await manifestOf(1), weights: weightsOf(1) })).rejects.toMatchObject({
      name: 'RunnerFailedError',
    })
    expect(counts).toEqual({ loaded: 1, disposed: 1 })
  })

  test('answers for its formats', async () => {
    const { factory } = echo({ supports: () => 'it is too old' })
    expect(factory.supports(await manifestOf(1))).toBe('it is too old')
    const gguf = await manifestOf(1, { weights: { ...(await manifestOf(1)).weights, format: 'gguf' } })
    expect(factory.supports(gguf)).toBe('it loads echo, not gguf')
  })

  test('refuses a definition without a name or formats', () => {
    expect(() => echo({ name: '' })).toThrow(expect.objectContaining({ name: 'InvalidDefinitionError' }))
    expect(() => echo({ formats: [] })).toThrow(expect.objectContaining({ name: 'InvalidDefinitionError' }))
  })
})

describe('runnerRegistry', () => {
  test('loads a model once for all who ask, and keeps it', async () => {
    const { factory, counts } = echo()
    const registry = runnerRegistry({ runners: [factory], payloads: await payloadsWith(1) })
    const manifest = await manifestOf(1)
    const [a, b] = await Promise.all([registry.resolve(manifest), registry.resolve(manifest)])
    expect(await a.run(input)).toMatchObject({ type: 'json', value: 'json' })
    await Promise.all([a.dispose(), b.dispose()])
    await (await registry.resolve(manifest)).dispose()
    expect(counts).toEqual({ loaded: 1, disposed: 0 })
    await registry.dispose()
    expect(counts).toEqual({ loaded: 1, disposed: 1 })
  })

  test('gives leases that end', async () => {
    const { factory } = echo()
    const registry = runnerRegistry({ runners: [factory], payloads: await payloadsWith(1) })
    const a = await registry.resolve(await manifestOf(1))
    const b = await registry.resolve(await manifestOf(1))
    for await (const scores of a.score?.(input, []) ?? []) expect(scores.position).toBe(0)
    await a.dispose()
    await a.dispose()
    await expect(a.run(input)).rejects.toThrow('handed back')
    expect(() => a.score?.(input, [])).toThrow('handed back')
    expect(await b.run(input)).toMatchObject({ type: 'json' })
  })

  test('keeps the last used, and never disposes a runner in use', async () => {
    const { factory, counts } = echo()
    const registry = runnerRegistry({ runners: [factory], payloads: await payloadsWith(1, 2, 3), cacheSize: 1 })
    const held = await registry.resolve(await manifestOf(1))
    await (await registry.resolve(await manifestOf(2))).dispose()
    await (await registry.resolve(await manifestOf(3))).dispose()
    expect(counts).toEqual({ loaded: 3, disposed: 1 })
    expect(await held.run(input)).toMatchObject({ type: 'json' })
    await (await registry.resolve(await manifestOf(3))).dispose()
    expect(counts.loaded).toBe(3)
    await (await registry.resolve(await manifestOf(2))).dispose()
    expect(counts).toEqual({ loaded: 4, disposed: 2 })
  })

  describe('says why there is no runner', () => {
    test('no engine', async () => {
      const registry = runnerRegistry({ runners: [], payloads: memoryPayloadStore() })
      await expect(registry.resolve(await manifestOf(1))).rejects.toThrow('no runner is configured')
    })

    test('no engine for the format, or none that supports the model', async () => {
      const registry = runnerRegistry({
        runners: [echo({ name: 'a', formats: ['gguf'] }).factory, echo({ name: 'b', supports: () => 'no' }).factory],
        payloads: memoryPayloadStore(),
      })
      await expect(registry.resolve(await manifestOf(1), { modelVersionId: '0x77' })).rejects.toThrow(
        'a: it loads gguf, not echo; b: no',
      )
      await expect(registry.resolve(await manifestOf(1), { modelVersionId: '0x77' })).rejects.toThrow('0x77')
    })

    test('nobody holds the weights', async () => {
      const registry = runnerRegistry({ runners: [echo().factory], payloads: memoryPayloadStore() })
      await expect(registry.resolve(await manifestOf(1))).rejects.toMatchObject({
        name: 'RunnerUnavailableError',
        reason: 'the weights could not be fetched',
        cause: { name: 'PayloadUnavailableError' },
      })
    })

    test('the weights are too large', async () => {
      let asked = false
      const payloads: PayloadSource = {
        get: async () => {
          asked = true
          return weightsOf(1)
        },
      }
      const registry = runnerRegistry({ runners: [echo().factory], payloads, maxModelBytes: 2 })
      await expect(registry.resolve(await manifestOf(1))).rejects.toThrow('the weights have 3 bytes, 2 are allowed')
      expect(asked).toBe(false)
    })

    test('the manifest lies about the size', async () => {
      const manifest = await manifestOf(1)
      const registry = runnerRegistry({ runners: [echo().factory], payloads: await payloadsWith(1) })
      const larger = { ...manifest, weights: { ...manifest.weights, size: 4 } }
      await expect(registry.resolve(larger)).rejects.toMatchObject({ name: 'RunnerUnavailableError' })
      const smaller = { ...manifest, weights: { ...manifest.weights, size: 2 } }
      await expect(registry.resolve(smaller)).rejects.toMatchObject({ name: 'RunnerUnavailableError' })
    })

    test('the runtime is not one of the manifest', async () => {
      const { factory, counts } = echo()
      const registry = runnerRegistry({ runners: [factory], payloads: await payloadsWith(1) })
      const manifest = await manifestOf(1, { runtimes: [{ ...profile, version: '2' }] })
      await expect(registry.resolve(manifest)).rejects.toThrow(
        'the manifest allows echo@2/js/threads=1/optimization=none; echo is echo@1/js/threads=1/optimization=none here',
      )
      expect(counts).toEqual({ loaded: 1, disposed: 1 })
      await registry.resolve(await manifestOf(1, { runtimes: [{ ...profile, version: '2' }, profile] }))
    })

    test('the registry was disposed', async () => {
      const registry = runnerRegistry({ runners: [echo().factory], payloads: await payloadsWith(1) })
      await registry.dispose()
      await expect(registry.resolve(await manifestOf(1))).rejects.toThrow('the registry was disposed')
    })
  })

  test('takes the engine whose runtime the manifest allows', async () => {
    const first = echo()
    const second = echo({ name: 'second', load: echoOf('2') })
    const registry = runnerRegistry({ runners: [first.factory, second.factory], payloads: await payloadsWith(1) })
    const runner = await registry.resolve(await manifestOf(1, { runtimes: [{ ...profile, version: '2' }] }))
    expect(runner.fingerprint.version).toBe('2')
    expect(first.counts).toEqual({ loaded: 1, disposed: 1 })
    expect((await registry.resolve(await manifestOf(1))).fingerprint.version).toBe('1')
  })

  test('never loads weights with another digest, whichever store they come from', async () => {
    const { factory, counts } = echo()
    const liar: PayloadSource = { get: async () => weightsOf(2) }
    for (const payloads of [liar, fallbackPayloadStore([memoryPayloadStore(), liar])])
      await expect(runnerRegistry({ runners: [factory], payloads }).resolve(await manifestOf(1))).rejects.toMatchObject(
        { name: 'WeightsDigestMismatchError' },
      )
    expect(counts.loaded).toBe(0)
  })

  test('does not cache a failure', async () => {
    const { factory } = echo()
    const payloads = memoryPayloadStore()
    const registry = runnerRegistry({ runners: [factory], payloads })
    const manifest = await manifestOf(1)
    await expect(registry.resolve(manifest)).rejects.toMatchObject({ name: 'RunnerUnavailableError' })
    await payloads.put(weightsOf(1))
    expect(await (await registry.resolve(manifest)).run(input)).toMatchObject({ type: 'json' })
  })

  describe('aborts', () => {
    /** A load that ends only when it is aborted or released. */
    function slow() {
      let release = () => {}
      let aborted = false
      let start = () => {}
      const started = new Promise<void>((resolve) => {
        start = resolve
      })
      const gate = new Promise<void>((resolve) => {
        release = resolve
      })
      const { factory, counts } = echo()
      const slowFactory: RunnerFactory = {
        ...factory,
        async load(parameters) {
          parameters.signal?.addEventListener('abort', () => {
            aborted = true
            release()
          })
          start()
          await gate
          return factory.load(parameters)
        },
      }
      return { factory: slowFactory, counts, started, release: () => release(), isAborted: () => aborted }
    }

    test('the call, not the load, while others wait for it', async () => {
      const { factory, release, isAborted, counts } = slow()
      const registry = runnerRegistry({ runners: [factory], payloads: await payloadsWith(1) })
      const controller = new AbortController()
      const impatient = registry.resolve(await manifestOf(1), { signal: controller.signal })
      const patient = registry.resolve(await manifestOf(1))
      controller.abort(new Error('enough'))
      await expect(impatient).rejects.toThrow('enough')
      expect(isAborted()).toBe(false)
      release()
      expect(await (await patient).run(input)).toMatchObject({ type: 'json' })
      expect(counts).toEqual({ loaded: 1, disposed: 0 })
    })

    test('the load when nobody waits any more', async () => {
      const { factory, started, isAborted } = slow()
      const registry = runnerRegistry({ runners: [factory], payloads: await payloadsWith(1) })
      const controller = new AbortController()
      const only = registry.resolve(await manifestOf(1), { signal: controller.signal })
      await started
      expect(isAborted()).toBe(false)
      controller.abort(new Error('enough'))
      await expect(only).rejects.toThrow('enough')
      expect(isAborted()).toBe(true)
    })
  })
})
