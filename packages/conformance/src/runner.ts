import {
  decodeOutput,
  encodeInput,
  encodeOutput,
  type InferenceInput,
  type InferenceOutput,
  type ModelManifest,
} from '@proof-of-inference/sdk/payload'
import type { PositionScores, Runner, RunnerFactory } from '@proof-of-inference/sdk/runner'
import { expect } from 'vitest'
import { type Check, lazyFixtures, register, rejectionOf } from './suite.ts'

/** What a runner is tested with. */
export type RunnerFixtures = {
  /** Of the model to load. */
  readonly manifest: ModelManifest
  /** Its weights. */
  readonly weights: Uint8Array
  /** Inputs that the model takes, and answers differently; two at least. */
  readonly inputs: readonly [InferenceInput, InferenceInput, ...InferenceInput[]]
  /** Inputs that it must refuse, by what is wrong with them. */
  readonly badInputs: { readonly [flaw: string]: InferenceInput }
  /** Tokens that the model could answer to the first input; for runners that score. */
  readonly tokenIds?: readonly number[]
}

/** The runner to test, and what with. */
export type RunnerConformanceParameters = {
  /** The factory under test. */
  create(): RunnerFactory
  /** Made when the first check runs, where it is a function. */
  readonly fixtures: RunnerFixtures | (() => Promise<RunnerFixtures>)
  /** What the runner can, where it is not obvious from it. Default: all of it. */
  readonly capabilities?: {
    /**
     * `false`: the weights are elsewhere (a server), and other bytes than the manifest's do not show. Then it must load
     * what it is given, for what its fingerprint says is only somebody's word.
     */
    readonly weights?: boolean
  }
}

/**
 * Tests that a runner does what `RunnerFactory` and `Runner` say. Groups: `score` runs where the runner scores,
 * repeatability where it says that it is deterministic. For vitest: call it in a test file.
 *
 * @example
 * runnerConformance({ create: onnx, fixtures: async () => ({ manifest, weights, inputs, badInputs }) })
 */
export function runnerConformance(parameters: RunnerConformanceParameters): void {
  const fixtures = lazyFixtures(parameters.fixtures)
  register(`${parameters.create().name} conforms to Runner`, runnerChecks({ ...parameters, fixtures }))
}

export function runnerChecks({ create, fixtures, capabilities = {} }: RunnerConformanceParameters): Check[] {
  const prepare = async () => (typeof fixtures === 'function' ? fixtures() : fixtures)

  /** A check that is given a loaded runner. */
  const check = (name: string, body: (runner: Runner, fixtures: RunnerFixtures) => Promise<void>): Check => ({
    name,
    async run() {
      const prepared = await prepare()
      const { manifest, weights } = prepared
      const runner = await create().load({ manifest, weights })
      try {
        await body(runner, prepared)
      } finally {
        await runner.dispose()
      }
    },
  })
  const digestOf = async (output: InferenceOutput) => (await encodeOutput(output)).digest

  return [
    {
      name: 'says which models it loads',
      async run() {
        const { manifest } = await prepare()
        const factory = create()
        expect(factory.name).not.toBe('')
        expect(factory.formats).toContain(manifest.weights.format)
        expect(factory.supports(manifest)).toBe(true)
        const other = { ...manifest, weights: { ...manifest.weights, format: 'a format that nobody has' } }
        expect(factory.supports(other)).toEqual(expect.any(String))
      },
    },
    {
      name: 'refuses other weights than the manifest’s',
      ...(capabilities.weights === false && { skip: 'the weights are elsewhere' }),
      async run() {
        const { manifest, weights } = await prepare()
        const tampered = new Uint8Array(weights)
        tampered[weights.length >> 1] = (tampered[weights.length >> 1] ?? 0) ^ 1
        const loading = create().load({ manifest, weights: tampered })
        const error = await rejectionOf(loading, 'it loaded other weights')
        expect(error).toMatchObject({ name: 'WeightsDigestMismatchError' })
      },
    },
    {
      name: 'does not load when aborted',
      async run() {
        const { manifest, weights } = await prepare()
        const signal = AbortSignal.abort(new Error('enough'))
        await expect(create().load({ manifest, weights, signal })).rejects.toThrow('enough')
      },
    },
    check('names the weights and its runtime in every output', async (runner, { manifest, inputs }) => {
      expect(runner.fingerprint.weightsDigest).toBe(manifest.weights.digest)
      for (const input of inputs) expect((await runner.run(input)).runtime).toEqual(runner.fingerprint)
    }),
    check('gives outputs that payloads carry', async (runner, { inputs }) => {
      for (const input of inputs) {
        const output = await runner.run(input)
        const { bytes, digest, blocks } = await encodeOutput(output)
        if (blocks.length > 0) continue
        expect(await digestOf(await decodeOutput(bytes))).toBe(digest)
      }
    }),
    check('answers another input with another output', async (runner, { inputs }) => {
      const digests: string[] = []
      for (const input of inputs) digests.push(await digestOf(await runner.run(input)))
      expect(new Set(digests).size).toBe(inputs.length)
    }),
    check('repeats itself bit for bit, also at once and loaded again, if deterministic', async (runner, prepared) => {
      const { inputs, manifest, weights } = prepared
      if (!runner.deterministic) return
      const expected: string[] = []
      for (const input of inputs) expected.push(await digestOf(await runner.run(input, { seed: 7 })))
      const atOnce = await Promise.all(inputs.map((input) => runner.run(input, { seed: 7 })))
      expect(await Promise.all(atOnce.map(digestOf))).toEqual(expected)
      const again = await create().load({ manifest, weights })
      try {
        expect(again.fingerprint).toEqual(runner.fingerprint)
        expect(await digestOf(await again.run(inputs[0], { seed: 7 }))).toBe(expected[0])
      } finally {
        await again.dispose()
      }
    }),
    check('neither changes its input nor shares its output', async (runner, { inputs }) => {
      const [input, other] = inputs
      const before = (await encodeInput(input)).digest
      const output = await runner.run(input)
      expect((await encodeInput(input)).digest).toBe(before)
      const digest = await digestOf(output)
      await runner.run(other)
      expect(await digestOf(output)).toBe(digest)
    }),
    check('refuses bad input, and goes on', async (runner, { inputs, badInputs }) => {
      expect(Object.keys(badInputs)).not.toEqual([])
      for (const [flaw, input] of Object.entries(badInputs)) {
        const error = await rejectionOf(runner.run(input), `it ran on bad input: ${flaw}`)
        expect(error, flaw).toMatchObject({ name: 'RunnerFailedError' })
        await runner.run(inputs[0])
      }
    }),
    check('does not run when aborted', async (runner, { inputs }) => {
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(runner.run(inputs[0], { signal })).rejects.toThrow('enough')
    }),
    check('gives no output after an abort, and goes on', async (runner, { inputs }) => {
      const controller = new AbortController()
      const running = runner.run(inputs[0], { signal: controller.signal })
      controller.abort(new Error('enough'))
      await expect(running).rejects.toThrow('enough')
      await runner.run(inputs[0])
    }),
    check('scores every token, in order, the same each time', async (runner, { inputs, tokenIds }) => {
      if (!runner.score) return
      if (!tokenIds || tokenIds.length === 0) throw new Error('the runner scores: the fixtures need tokenIds')
      const score = async () => {
        const positions: PositionScores[] = []
        for await (const position of runner.score?.(inputs[0], tokenIds) ?? [])
          positions.push(structuredClone(position))
        return positions
      }
      const positions = await score()
      expect(positions.map(({ position }) => position)).toEqual([...tokenIds.keys()])
      for (const position of positions) {
        const values = position.kind === 'logits' ? position.logits : position.logprobs
        expect(values.length).toBeGreaterThan(0)
        expect(values.every((value) => Number.isFinite(value) || value === Number.NEGATIVE_INFINITY)).toBe(true)
        if (position.kind === 'topK') {
          expect(position.tokenIds.length).toBe(values.length)
          expect([...position.tokenIds]).toContain(tokenIds[position.position])
        }
      }
      if (runner.deterministic) expect(await score()).toEqual(positions)
      const signal = AbortSignal.abort(new Error('enough'))
      const aborted = async () => {
        for await (const _ of runner.score?.(inputs[0], tokenIds, { signal }) ?? []);
      }
      await expect(aborted()).rejects.toThrow('enough')
    }),
    check('ends: disposing twice is harmless, and it runs no more', async (runner, { inputs }) => {
      const running = runner.run(inputs[0])
      await Promise.all([runner.dispose(), runner.dispose()])
      // It may end the run at hand or let it end, but must not leave it hanging.
      await running.catch(() => undefined)
      await rejectionOf(runner.run(inputs[0]), 'it runs after it was disposed')
    }),
  ]
}
