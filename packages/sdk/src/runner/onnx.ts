import type * as Ort from 'onnxruntime-web'
import { OptionalDependencyMissingError, RunnerFailedError, RunnerUnavailableError } from '../errors/verification.ts'
import { defineRunner } from './defineRunner.ts'
import { onnxRunner } from './onnxRunner.ts'
import type { Tokenizer } from './tokenizer.ts'
import type { RunnerFactory } from './types.ts'

/** How onnxruntime-web runs a model. */
export type OnnxOptions = {
  /** The `onnxruntime-web` module, where it is not to be imported by that name (bundles, CDN builds). */
  readonly ort?: typeof Ort
  /**
   * Threads of a run. Default: 1, whose outputs are the same bits on every machine. The library starts once per
   * process with one number of threads.
   */
  readonly threads?: number
  /** Graph optimisation level. Default: `all`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'layout' | 'all'
  /** For language models whose manifest names a tokenizer other than `bytes`. */
  readonly tokenizers?: readonly Tokenizer[]
}

/** Threads that the library was started with, by its module. */
const startedThreads = new WeakMap<object, number>()

/**
 * Runs ONNX models with onnxruntime-web (WebAssembly), in Node, browsers and edge runtimes. Takes and gives inputs and
 * outputs of type `tensors`.
 *
 * A model with an input `input_ids` and an output `logits` is a language model where its manifest names a tokenizer: it
 * then takes a `Completion` and gives text with its token ids, sampled as `samplerName` says, and it scores.
 * What it remembers of a sequence goes from its outputs `present…` to its inputs `past…`.
 *
 * `load` throws an `OptionalDependencyMissingError` when onnxruntime-web is not installed, a `RunnerUnavailableError`
 * when it already runs with another number of threads, a `RunnerFailedError` when it refuses the model. `run` throws a
 * `RunnerFailedError` when the input is not the model's; an abort takes effect before or after a run, not within
 * (`workerRunner` ends one under way).
 *
 * @example
 * const runners = runnerRegistry({ runners: [onnx()], payloads })
 */
export function onnx(options: OnnxOptions = {}): RunnerFactory {
  const { threads = 1, optimization = 'all' } = options
  if (!Number.isSafeInteger(threads) || threads < 1)
    throw new RangeError(`threads must be a positive integer, not ${threads}`)
  return defineRunner({
    name: 'onnx',
    formats: ['onnx'],
    supports: () => true,
    async load({ manifest, weights, signal }) {
      const weightsDigest = manifest.weights.digest
      const ort = options.ort ?? (await importOrt())
      signal?.throwIfAborted()
      const started = startedThreads.get(ort.env) ?? threads
      const otherThreads = (actual: number | undefined) =>
        new RunnerUnavailableError({
          weightsDigest,
          reason: `onnxruntime-web runs with ${actual} threads in this process, not with ${threads}`,
        })
      if (started !== threads) throw otherThreads(started)
      startedThreads.set(ort.env, threads)
      ort.env.wasm.numThreads = threads
      let session: Ort.InferenceSession
      try {
        session = await ort.InferenceSession.create(weights, {
          executionProviders: ['wasm'],
          graphOptimizationLevel: optimization,
          // Fatal errors only: what goes wrong is thrown.
          logSeverityLevel: 4,
        })
      } catch (cause) {
        throw new RunnerFailedError({ runner: 'onnx', reason: 'onnxruntime-web does not load the model', cause })
      }
      // The library lowers the number where the platform has no threads.
      if (ort.env.wasm.numThreads !== threads) {
        await session.release()
        throw otherThreads(ort.env.wasm.numThreads)
      }
      const version = ort.env.versions.web
      if (version === undefined) {
        await session.release()
        throw new RunnerFailedError({ runner: 'onnx', reason: 'onnxruntime-web does not say its version' })
      }
      return onnxRunner({
        name: 'onnx',
        library: 'onnxruntime-web',
        Tensor: ort.Tensor,
        session,
        manifest,
        tokenizers: options.tokenizers ?? [],
        fingerprint: {
          engine: 'onnxruntime-web',
          version,
          provider: 'wasm',
          threads,
          optimization,
          weightsDigest,
        },
      })
    },
  })
}

async function importOrt(): Promise<typeof Ort> {
  try {
    return await import('onnxruntime-web')
  } catch (cause) {
    throw new OptionalDependencyMissingError({
      name: 'onnxruntime-web',
      install: 'npm install onnxruntime-web',
      cause,
    })
  }
}
