import { threadId } from 'node:worker_threads'
import { PayloadUnavailableError } from '../../src/errors/payload.ts'
import { RunnerFailedError } from '../../src/errors/verification.ts'
import { digest, digestToCid } from '../../src/payload/digest.ts'
import type { InferenceInput, InferenceOutput, IpldValue } from '../../src/payload/types.ts'
import { defineRunner } from '../../src/runner/defineRunner.ts'
import type { RunnerFactory } from '../../src/runner/types.ts'

/** Runs until it is told to end, in memory shared with the test, without coming back to its event loop. */
function block([began, end]: readonly [number, number], flags: Int32Array): void {
  Atomics.store(flags, began, 1)
  while (Atomics.load(flags, end) === 0);
}

const kept = new Float32Array([1, 2])

const tasks: { readonly [task: string]: (value: IpldValue, seed: number | undefined) => IpldValue | Promise<never> } = {
  thread: () => threadId,
  seed: (_, seed) => seed ?? null,
  link: (value) => [value, digestToCid(`0x${'07'.repeat(32)}`)],
  never: () => new Promise(() => {}),
  exit: () => process.exit(3),
  uncaught() {
    setImmediate(() => {
      throw new RangeError('boom')
    })
    return new Promise(() => {})
  },
  error() {
    const reached = Object.assign(new TypeError('not there'), { port: 1n, retry: () => {} })
    const causes = new AggregateError([reached, 'words'], 'both', { cause: { code: 5 } })
    throw new PayloadUnavailableError({ digest: '0x07', sources: ['here'], cause: causes })
  },
  circle() {
    const error = new Error('round')
    error.cause = error
    throw error
  },
  unclonable: () => Object.assign([], { run: () => {} }),
}

/**
 * A runner that does what its inputs say, and is as its weights say. A tensor `flags` is memory that it shares with the
 * test: at 0 it tells that it began, at 1 it is told to end; at 2 it counts disposals.
 */
export default (): RunnerFactory =>
  defineRunner({
    name: 'scripted',
    formats: ['script'],
    supports: ({ name }) => name !== 'unsupported' || 'it is unsupported',
    async load({ manifest, weights }) {
      const script = new TextDecoder().decode(weights)
      if (script === 'endless') await new Promise(() => setInterval(() => {}, 60_000))
      if (script === 'exit') process.exit(4)
      if (script === 'refuse') throw new PayloadUnavailableError({ digest: '0x07', sources: [manifest.name] })
      const provider = script === 'another each time' ? `thread ${threadId}` : 'js'
      const fingerprint = { engine: 'script', version: '1', provider, threads: 1, optimization: 'none' }
      const runtime = { ...fingerprint, weightsDigest: await digest(weights) }
      let disposals: Int32Array = new Int32Array(3)
      async function run(input: InferenceInput, seed: number | undefined): Promise<InferenceOutput> {
        if (input.type === 'tensors') {
          const { flags, keep, part } = input.tensors
          if (flags?.dtype === 'int32') {
            disposals = flags.data
            block([0, 1], flags.data)
          }
          if (keep) return { type: 'tensors', tensors: { keep: { dtype: 'float32', dims: [2], data: kept } }, runtime }
          if (part?.dtype !== 'float32') return { type: 'json', value: threadId, runtime }
          const data = part.data.subarray(1, 2)
          return { type: 'tensors', tensors: { part: { dtype: 'float32', dims: [1], data } }, runtime }
        }
        const [task, value] = input.type === 'json' && Array.isArray(input.value) ? input.value : []
        const answer = Object.hasOwn(tasks, task) ? await tasks[task]?.(value, seed) : undefined
        if (answer === undefined) throw new RunnerFailedError({ runner: 'scripted', reason: 'no such task', cause: 7 })
        return { type: 'json', value: answer, proofs: value, runtime }
      }
      return {
        fingerprint: runtime,
        deterministic: false,
        run: (input, { seed } = {}) => run(input, seed),
        ...(script !== 'mute' && {
          async *score(input, tokenIds) {
            try {
              for (const [position, id] of tokenIds.entries()) {
                if (id === 13) throw new RunnerFailedError({ runner: 'scripted', reason: 'unlucky' })
                if (input.type === 'tensors' && input.tensors.flags?.dtype === 'int32') input.tensors.flags.data[0] = id
                yield { kind: 'logits', position, logits: new Float32Array([id, threadId]) }
              }
            } finally {
              if (input.type === 'tensors' && input.tensors.flags?.dtype === 'int32') input.tensors.flags.data[1] = 1
            }
          },
        }),
        async dispose() {
          Atomics.add(disposals, 2, 1)
          if (script === 'clinging') throw new RunnerFailedError({ runner: 'scripted', reason: 'it clings' })
        },
      }
    },
  })

export const notRunner = () => ({ name: 'no runner' })
export const notFunction = 1
