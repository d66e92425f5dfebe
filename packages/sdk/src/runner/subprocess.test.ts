import { fileURLToPath } from 'node:url'
import { runnerConformance } from '@proof-of-inference/conformance'
import { afterEach, expect, test } from 'vitest'
import { digest } from '../payload/digest.ts'
import type { InferenceInput, ModelManifest } from '../payload/types.ts'
import { type SubprocessOptions, subprocess } from './subprocess.ts'
import type { Runner } from './types.ts'

const program = fileURLToPath(new URL('../../test/programs/linear.py', import.meta.url))
const weights = new TextEncoder().encode(JSON.stringify({ factor: 3 }))
const manifest: ModelManifest = {
  v: 1,
  name: 'linear',
  weights: { digest: await digest(weights), format: 'linear-json', size: weights.length },
  runtimes: [],
}
const inputOf = (...values: number[]): InferenceInput => ({
  type: 'tensors',
  tensors: { x: { dtype: 'float32', dims: [values.length], data: new Float32Array(values) } },
})
const json = (value: string): InferenceInput => ({ type: 'json', value })
const options: SubprocessOptions = { command: 'python3', args: [program], formats: ['linear-json'] }

const runners: Runner[] = []
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.dispose()))
})
async function load(changes: Partial<SubprocessOptions> = {}): Promise<Runner> {
  const runner = await subprocess({ ...options, ...changes }).load({ manifest, weights })
  runners.push(runner)
  return runner
}

runnerConformance({
  create: () => subprocess(options),
  fixtures: {
    manifest,
    weights,
    inputs: [inputOf(1, 2), inputOf(3)],
    badInputs: { text: json('x'), 'other names': { type: 'tensors', tensors: {} } },
    tokenIds: [5, 6],
  },
})

test('runs a model in Python', async () => {
  const runner = await load()
  expect(await runner.run(inputOf(1, -2))).toEqual({
    type: 'tensors',
    tensors: { y: { dtype: 'float32', dims: [2], data: Float32Array.of(3, -6) } },
    runtime: runner.fingerprint,
  })
  expect(runner).toMatchObject({ deterministic: true, fingerprint: { engine: 'linear.py' } })
  expect(await runner.decode?.([72, 105])).toBe('Hi')
})

test('tells what the program says of a failure, and goes on', async () => {
  const runner = await load()
  await expect(runner.run(json('this'))).rejects.toThrow('the program says: cannot run this')
  await expect(runner.run(json('wrong'))).rejects.toThrow('the data is not of the shape')
  expect(await runner.run(inputOf(2))).toMatchObject({ type: 'tensors' })
})

test('fails for good when the program ends, and tells its last words', async () => {
  const runner = await load()
  const running = [runner.run(json('exit')), runner.run(inputOf(1))]
  for (const run of running) await expect(run).rejects.toThrow(/python3 ended with code 3; it said: out of luck/)
})

test('fails when the program chatters, or cannot be started', async () => {
  const runner = await load()
  await expect(runner.run(json('chatter'))).rejects.toThrow(
    /did not answer by the protocol|answered without being asked/,
  )
  await expect(load({ command: 'no-such-program' })).rejects.toThrow('no-such-program could not be started')
})

test('ends the program when a run is aborted, or takes too long', async () => {
  const controller = new AbortController()
  const aborting = await load()
  const run = aborting.run(json('sleep'), { signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(run).rejects.toThrow('enough')
  const slow = await load({ timeout: 5_000 })
  await expect(slow.run(json('sleep'))).rejects.toThrow('within 5000 ms')
  await expect(slow.run(inputOf(1))).rejects.toThrow('within 5000 ms')
})

test('takes no answer that is too long, no input that JSON would change', async () => {
  const runner = await load({ maxLineLength: 400 })
  await expect(runner.run(inputOf(...Array(400).fill(1)))).rejects.toThrow('more than 400 characters')
  const other = await load()
  for (const value of [1n, new Uint8Array(1)])
    await expect(other.run({ type: 'json', value: [value] })).rejects.toThrow('JSON does not carry')
})
