import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { threadId } from 'node:worker_threads'
import { CID } from 'multiformats/cid'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { isProofOfInferenceError, ProofOfInferenceError } from '../errors/base.ts'
import { digest, digestToCid } from '../payload/digest.ts'
import { encodeOutput } from '../payload/inference.ts'
import type { InferenceInput, InferenceOutput, IpldValue, ModelManifest } from '../payload/types.ts'
import { onnx } from './onnx.ts'
import type { PositionScores, Runner } from './types.ts'
import { workerRunner } from './workerRunner.ts'

const fixture = (name: string) => new URL(`../../test/runners/${name}`, import.meta.url)
const registerTsx = new URL('../../../../scripts/register-tsx.mjs', import.meta.url).href
const worker = { execArgv: ['--import', registerTsx] }

async function modelOf(format: string, weights: Uint8Array, name = 'model') {
  const manifest: ModelManifest = {
    v: 1,
    name,
    weights: { digest: await digest(weights), format, size: weights.length },
    runtimes: [],
  }
  return { manifest, weights }
}
const scriptOf = (script: string) => modelOf('script', new TextEncoder().encode(script))

const open = new Set<Runner>()
afterEach(async () => {
  for (const runner of open) await runner.dispose().catch(() => undefined)
  open.clear()
})

async function load(script = 'as always', options: { concurrency?: number; signal?: AbortSignal } = {}) {
  const { signal, ...others } = options
  const factory = await workerRunner({ module: fixture('scripted.ts'), worker, ...others })
  const runner = await factory.load({ ...(await scriptOf(script)), ...(signal && { signal }) })
  open.add(runner)
  return runner
}

const task = (name: string, value: IpldValue = null): InferenceInput => ({ type: 'json', value: [name, value] })
const answerOf = (output: InferenceOutput) => (output.type === 'json' ? output.value : undefined)
const threadOf = async (runner: Runner) => answerOf(await runner.run(task('thread')))

/** An input that the runner is on until it is told to end. */
function createBlock() {
  const flags = new Int32Array(new SharedArrayBuffer(12))
  const input: InferenceInput = { type: 'tensors', tensors: { flags: { dtype: 'int32', dims: [3], data: flags } } }
  return {
    input,
    began: () => vi.waitFor(() => expect(Atomics.load(flags, 0)).not.toBe(0), { timeout: 20_000, interval: 5 }),
    end: () => Atomics.store(flags, 1, 1),
    flags,
  }
}

describe('a runner in a thread', () => {
  let runner: Runner
  beforeAll(async () => {
    runner = await load()
    open.delete(runner)
  })
  afterAll(() => runner.dispose())

  test('gives the same bits as in this one, says the same of itself, and takes nothing from the caller', async () => {
    const file = createRequire(import.meta.url).resolve('@ricky0123/vad-web/dist/silero_vad_v5.onnx')
    const model = await modelOf('onnx', new Uint8Array(await readFile(file)))
    const inputOf = (pitch: number): InferenceInput => ({
      type: 'tensors',
      tensors: {
        input: { dtype: 'float32', dims: [1, 576], data: new Float32Array(576).map((_, at) => Math.sin(at / pitch)) },
        state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
        sr: { dtype: 'int64', dims: [], data: new BigInt64Array([16_000n]) },
      },
    })
    const factory = await workerRunner({ module: fixture('onnx.ts'), worker })
    const here = await onnx().load(model)
    const there = await factory.load(model)
    open.add(here).add(there)
    expect(factory).toMatchObject({ name: 'onnx', formats: ['onnx'] })
    expect(there).toMatchObject({ fingerprint: here.fingerprint, deterministic: true })
    expect(there.score).toBeUndefined()
    const inputs = [3, 5, 7].map(inputOf)
    const before = structuredClone(inputs)
    const outputs = await Promise.all(inputs.map((input) => there.run(input)))
    for (const [index, input] of inputs.entries()) {
      const expected = await here.run(input)
      expect(outputs[index]).toEqual(expected)
      expect(outputs[index] && (await encodeOutput(outputs[index])).digest).toBe((await encodeOutput(expected)).digest)
    }
    expect(inputs).toEqual(before)
    expect(model.weights.length).toBe(model.manifest.weights.size)
    const bad = there.run({ type: 'json', value: 1 })
    await expect(bad).rejects.toMatchObject({ name: 'RunnerFailedError', runner: 'onnx' })
    await expect(bad).rejects.toThrow('of type json')
  })

  test('has a thread of its own, for each model', async () => {
    const another = await load()
    const threads = [await threadOf(runner), await threadOf(runner), await threadOf(another)]
    expect(threads[0]).toBe(threads[1])
    expect(new Set([threadId, ...threads]).size).toBe(3)
  })

  test('takes seeds and links, and gives links', async () => {
    expect(answerOf(await runner.run(task('seed'), { seed: 9 }))).toBe(9)
    const link = digestToCid(`0x${'05'.repeat(32)}`)
    const output = await runner.run(task('link', { deep: [link] }))
    const isLink = (value: unknown) => value instanceof CID
    expect(output).toMatchObject({ value: [{ deep: [link] }, expect.toSatisfy(isLink)], proofs: { deep: [link] } })
    expect(output.proofs).toMatchObject({ deep: [expect.toSatisfy(isLink)] })
  })

  test('gives a tensor that is part of a larger one, and refuses to give one twice', async () => {
    const part = { dtype: 'float32', dims: [3], data: new Float32Array([1, 2, 3]) } as const
    expect(await runner.run({ type: 'tensors', tensors: { part } })).toMatchObject({
      tensors: { part: { data: new Float32Array([2]) } },
    })
    const keep: InferenceInput = { type: 'tensors', tensors: { keep: part } }
    expect(await runner.run(keep)).toMatchObject({ tensors: { keep: { data: new Float32Array([1, 2]) } } })
    await expect(runner.run(keep)).rejects.toMatchObject({ name: 'RunnerFailedError' })
    expect(await threadOf(runner)).toEqual(expect.any(Number))
  })

  test('passes errors on with name, message, facts, brand and causes', async () => {
    const error = await runner.run(task('error')).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ProofOfInferenceError)
    if (!isProofOfInferenceError(error, 'PayloadUnavailableError')) throw new Error('It is another error.')
    expect(error).toMatchObject({
      shortMessage: 'The payload could not be fetched.',
      metaMessages: expect.arrayContaining(['Source: here']),
      digest: '0x07',
      docsUrl: expect.stringContaining('payload-unavailable-error.md'),
      message: expect.stringContaining('Digest: 0x07'),
      stack: expect.stringContaining('scripted.ts'),
    })
    const both = error.cause
    if (!(both instanceof AggregateError)) throw new Error('Its cause is another.')
    expect(both).toMatchObject({ message: 'both', cause: { code: 5 } })
    expect(both.errors[1]).toBe('words')
    expect(both.errors[0]).toMatchObject({ name: 'TypeError', message: 'not there', port: 1n })
    expect(both.errors[0]).not.toHaveProperty('retry')
    expect(error.walk((each) => each instanceof Error && each.name === 'TypeError')).toBe(both.errors[0])
    await expect(runner.run(task('circle'))).rejects.toMatchObject({ message: 'round', cause: { message: 'round' } })
    await expect(runner.run(task('none'))).rejects.toMatchObject({ name: 'RunnerFailedError', cause: 7 })
  })

  test('refuses what cannot be copied, and goes on', async () => {
    const data = new Float32Array(1)
    const input = { type: 'tensors', tensors: { x: { dtype: 'float32', dims: [1], data, on: () => {} } } } as const
    await expect(runner.run(input)).rejects.toMatchObject({ name: 'RunnerFailedError', cause: expect.anything() })
    await expect(runner.run(task('unclonable'))).rejects.toMatchObject({ name: 'RunnerFailedError' })
    expect(await threadOf(runner)).toEqual(expect.any(Number))
  })
})

describe('abort', () => {
  test('of a run under way ends its thread; what waited runs in the next', async () => {
    const runner = await load()
    const thread = await threadOf(runner)
    const block = createBlock()
    const abort = new AbortController()
    const running = runner.run(block.input, { signal: abort.signal })
    const waiting = threadOf(runner)
    await block.began()
    abort.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    const next = await waiting
    expect(next).not.toBe(thread)
    expect(await threadOf(runner)).toBe(next)
  })

  test('of the only run starts no thread before the next run', async () => {
    const runner = await load()
    const block = createBlock()
    const abort = new AbortController()
    const running = runner.run(block.input, { signal: abort.signal })
    await block.began()
    abort.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    const [first, second] = await Promise.all([threadOf(runner), threadOf(runner)])
    expect(first).toBe(second)
  })

  test('of a run that waits takes it out, and leaves the thread alone', async () => {
    const runner = await load()
    const thread = await threadOf(runner)
    const block = createBlock()
    const [abort, other] = [new AbortController(), createBlock()]
    const running = runner.run(block.input)
    const waiting = runner.run(other.input, { signal: abort.signal })
    await block.began()
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    block.end()
    expect(answerOf(await running)).toBe(thread)
    expect(await threadOf(runner)).toBe(thread)
    expect(Atomics.load(other.flags, 0)).toBe(0)
  })

  test('before a run, or after it, ends nothing', async () => {
    const runner = await load()
    const thread = await threadOf(runner)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(runner.run(task('thread'), { signal })).rejects.toThrow('enough')
    const abort = new AbortController()
    await runner.run(task('thread'), { signal: abort.signal })
    abort.abort()
    expect(await threadOf(runner)).toBe(thread)
  })

  test('of a load ends the thread', async () => {
    const abort = new AbortController()
    const loading = load('endless', { signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(loading).rejects.toThrow('enough')
  })

  test('of one of several runs at once starts the others again', async () => {
    const runner = await load('as always', { concurrency: 2 })
    const thread = await threadOf(runner)
    const abort = new AbortController()
    const block = createBlock()
    const first = runner.run(task('never'), { signal: abort.signal })
    const second = runner.run(block.input)
    await block.began()
    abort.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    block.end()
    expect(answerOf(await second)).not.toBe(thread)
  })
})

describe('a thread that breaks down', () => {
  test.each([
    ['exits', 'exit', 'exited with code 3'],
    ['throws an error that nobody catches', 'uncaught', 'boom'],
  ])('%s: its runs fail, the next starts another', async (_, name, reason) => {
    const runner = await load()
    const thread = await threadOf(runner)
    const runs = [runner.run(task(name)), runner.run(task('thread'))]
    for (const result of await Promise.allSettled(runs)) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { name: 'RunnerFailedError', runner: 'scripted', cause: { message: expect.stringContaining(reason) } },
      })
    }
    expect(await threadOf(runner)).not.toBe(thread)
  })

  test('and comes up as another runtime runs nothing', async () => {
    const runner = await load('another each time')
    const { provider } = runner.fingerprint
    await expect(runner.run(task('exit'))).rejects.toMatchObject({ name: 'RunnerFailedError' })
    for (let time = 0; time < 2; time++) {
      const error = await runner.run(task('thread')).catch((error: unknown) => error)
      if (!isProofOfInferenceError(error, 'RunnerFailedError')) throw new Error('It ran.')
      expect(error.cause).toMatchObject({
        name: 'RunnerFailedError',
        message: expect.stringContaining('it is another'),
      })
    }
    expect(runner.fingerprint.provider).toBe(provider)
  })

  test('while it loads, says why', async () => {
    await expect(load('exit')).rejects.toMatchObject({
      name: 'RunnerFailedError',
      cause: { message: expect.stringContaining('code 4') },
    })
    await expect(load('refuse')).rejects.toMatchObject({ name: 'PayloadUnavailableError', digest: '0x07' })
  })
})

describe('scores', () => {
  const collect = async (scores: AsyncIterable<PositionScores> | undefined) => {
    const positions: PositionScores[] = []
    for await (const position of scores ?? []) positions.push(position)
    return positions
  }

  test('come in order, as they are asked for', async () => {
    const runner = await load()
    const positions = await collect(runner.score?.(task('none'), [4, 5, 6]))
    expect(positions.map(({ position }) => position)).toEqual([0, 1, 2])
    expect(positions.map((each) => each.kind === 'logits' && each.logits[0])).toEqual([4, 5, 6])
    expect((await load('mute')).score).toBeUndefined()
  })

  test('end when nobody wants more', async () => {
    const runner = await load()
    const block = createBlock()
    for await (const { position } of runner.score?.(block.input, [4, 5, 6]) ?? []) if (position === 1) break
    // One more at most was made in advance, and the runner's own iterator was closed before the next task.
    await threadOf(runner)
    expect([...block.flags]).toEqual([5, 1, 0])
  })

  test('fail as the runner does, and with an abort or a thread', async () => {
    const runner = await load()
    await expect(collect(runner.score?.(task('none'), [4, 13]))).rejects.toThrow('unlucky')
    const aborted = runner.score?.(task('none'), [4], { signal: AbortSignal.abort(new Error('enough')) })
    await expect(collect(aborted)).rejects.toThrow('enough')

    const thread = await threadOf(runner)
    const abort = new AbortController()
    const scores = runner.score?.(task('none'), [4, 5], { signal: abort.signal })[Symbol.asyncIterator]()
    expect(await scores?.next()).toMatchObject({ value: { position: 0 } })
    abort.abort(new Error('enough'))
    await expect(scores?.next()).rejects.toThrow('enough')
    expect(await threadOf(runner)).not.toBe(thread)
  })
})

describe('the end', () => {
  test('waits for the runs at hand, disposes the runner once, and takes no more', async () => {
    const runner = await load()
    const block = createBlock()
    const runs = [runner.run(block.input), runner.run(task('seed'), { seed: 1 })]
    await block.began()
    const disposing = Promise.all([runner.dispose(), runner.dispose()])
    await expect(runner.run(task('seed'))).rejects.toThrow('it was disposed')
    block.end()
    await Promise.all([disposing, ...runs])
    expect(block.flags[2]).toBe(1)
    await expect(runner.run(task('seed'))).rejects.toMatchObject({ name: 'RunnerFailedError' })
  })

  test('says when the runner does not dispose', async () => {
    const runner = await load('clinging')
    await expect(runner.dispose()).rejects.toMatchObject({ name: 'RunnerFailedError' })
    await expect(runner.dispose()).rejects.toThrow('it clings')
  })

  test('of a runner whose thread was ended', async () => {
    const runner = await load()
    const block = createBlock()
    const abort = new AbortController()
    const running = runner.run(block.input, { signal: abort.signal })
    await block.began()
    abort.abort(new Error('enough'))
    await Promise.all([runner.dispose(), expect(running).rejects.toThrow('enough')])
    const crashed = await load()
    await expect(crashed.run(task('exit'))).rejects.toThrow('its thread ended')
    await crashed.dispose()
  })

  test('of the process is not put off by a thread without work', async () => {
    const script = fileURLToPath(fixture('exits.ts'))
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', registerTsx, script], {
      timeout: 25_000,
    })
    expect(stdout).toBe('5')
  })
})

describe('the factory', () => {
  test('answers as the module’s does', async () => {
    const factory = await workerRunner({ module: fixture('scripted.ts').href, worker })
    const { manifest } = await scriptOf('as always')
    expect(factory).toMatchObject({ name: 'scripted', formats: ['script'] })
    expect(factory.supports(manifest)).toBe(true)
    expect(factory.supports({ ...manifest, name: 'unsupported' })).toBe('it is unsupported')
    expect(factory.supports({ ...manifest, weights: { ...manifest.weights, format: 'x' } })).toContain('not x')
  })

  test('is refused where the module has none', async () => {
    const module = fixture('scripted.ts')
    for (const exportName of ['missing', 'notFunction', 'notRunner', 'toString'])
      await expect(workerRunner({ module, exportName })).rejects.toMatchObject({ name: 'InvalidDefinitionError' })
    await expect(workerRunner({ module: fixture('missing.ts') })).rejects.toMatchObject({ name: 'RunnerFailedError' })
    await expect(workerRunner({ module: './relative.js' })).rejects.toThrow(TypeError)
    await expect(workerRunner({ module, concurrency: 0 })).rejects.toThrow(RangeError)
  })
})
