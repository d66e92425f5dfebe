import { digest, type InferenceInput, type ModelManifest } from '@proof-of-inference/sdk/payload'
import { defineRunner, type Runner, type RunnerFactory, RunnerFailedError } from '@proof-of-inference/sdk/runner'
import { describe, expect, test } from 'vitest'
import { runnerChecks, runnerConformance } from './runner.ts'

const weights = new Uint8Array([3, 4])
const manifest: ModelManifest = {
  v: 1,
  name: 'times three',
  weights: { digest: await digest(weights), format: 'factor', size: 2 },
  runtimes: [],
}
const json = (value: string | readonly number[]): InferenceInput => ({ type: 'json', value })
const fixtures = {
  manifest,
  weights,
  inputs: [json([1]), json([2])],
  badInputs: { text: json('x') },
  tokenIds: [5, 6],
} as const

/** A model that multiplies numbers, and scores. */
const factor = (change: (runner: Runner) => Partial<Runner> = () => ({}), definition: Partial<RunnerFactory> = {}) =>
  defineRunner({
    name: 'factor',
    formats: ['factor'],
    supports: () => true,
    async load({ weights }) {
      const profile = { engine: 'factor', version: '1', provider: 'js', threads: 1, optimization: 'none' }
      const fingerprint = { ...profile, weightsDigest: await digest(weights) }
      let isDisposed = false
      const fail = (reason: string) => new RunnerFailedError({ runner: 'factor', reason })
      const runner: Runner = {
        fingerprint,
        deterministic: true,
        async run(input, { signal } = {}) {
          if (isDisposed) throw fail('it was disposed')
          await Promise.resolve()
          signal?.throwIfAborted()
          if (input.type !== 'json' || !Array.isArray(input.value)) throw fail('not a list')
          return { type: 'json', value: input.value.map((each) => Number(each) * 3), runtime: fingerprint }
        },
        async *score(_, tokenIds, { signal } = {}) {
          signal?.throwIfAborted()
          for (const [position, id] of tokenIds.entries())
            yield { kind: 'logits', position, logits: new Float32Array([id, 1]) }
        },
        async dispose() {
          isDisposed = true
        },
      }
      return { ...runner, ...change(runner) }
    },
    ...definition,
  })

runnerConformance({ create: factor, fixtures })

/** The names of the checks that fail. */
async function failures(create: () => RunnerFactory): Promise<string[]> {
  const failed: string[] = []
  for (const { name, run } of runnerChecks({ create, fixtures })) await run().catch(() => failed.push(name))
  return failed
}

let counter = 0
const count = () => counter++

describe('a broken runner fails the suite', () => {
  test.each<[string, () => RunnerFactory, string]>([
    [
      'loads any weights',
      () => ({ ...factor(), load: () => factor().load({ manifest, weights }) }),
      'refuses other weights than the manifest’s',
    ],
    ['claims every format', () => ({ ...factor(), supports: () => true }), 'says which models it loads'],
    [
      'says it is deterministic, and is not',
      () =>
        factor(({ run }) => ({
          run: async (...parameters) => ({ ...(await run(...parameters)), proofs: count() }),
        })),
      'repeats itself bit for bit, also at once and loaded again, if deterministic',
    ],
    [
      'answers everything alike',
      () => factor(({ run }) => ({ run: (input, options) => run(input).then(() => run(json([7]), options)) })),
      'answers another input with another output',
    ],
    [
      'names another runtime in its outputs',
      () =>
        factor(({ run, fingerprint }) => ({
          run: async (...parameters) => ({ ...(await run(...parameters)), runtime: { ...fingerprint, version: '2' } }),
        })),
      'names the weights and its runtime in every output',
    ],
    [
      'answers bad input',
      () =>
        factor(({ run }) => ({ run: (input, options) => run(input, options).catch(() => run(json([0]), options)) })),
      'refuses bad input, and goes on',
    ],
    [
      'does not hear an abort',
      () => factor(({ run }) => ({ run: (input) => run(input) })),
      'does not run when aborted',
    ],
    [
      'runs after its end',
      () => factor(() => ({ dispose: async () => {} })),
      'ends: disposing twice is harmless, and it runs no more',
    ],
    [
      'scores too few tokens',
      () => factor(({ score }) => ({ score: (input, tokenIds) => score?.(input, tokenIds.slice(1)) ?? none() })),
      'scores every token, in order, the same each time',
    ],
  ])('%s', async (_, create, check) => {
    expect(await failures(create)).toContain(check)
  })
})

async function* none() {}
