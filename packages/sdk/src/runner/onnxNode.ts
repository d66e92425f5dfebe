import type * as OrtNode from 'onnxruntime-node'
import { OptionalDependencyMissingError, RunnerFailedError } from '../errors/verification.ts'
import { defineRunner } from './defineRunner.ts'
import { onnxRunner } from './onnxRunner.ts'
import type { Tokenizer } from './tokenizer.ts'
import type { RunnerFactory } from './types.ts'

/** How onnxruntime-node runs a model. */
export type OnnxNodeOptions = {
  /** Threads of a run. Default: 1. */
  readonly threads?: number
  /** Graph optimisation level. Default: `all`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'layout' | 'all'
  /** For language models whose manifest names a tokenizer other than `bytes`. */
  readonly tokenizers?: readonly Tokenizer[]
}

/**
 * Runs ONNX models with onnxruntime-node, the native build for CPUs: several times faster than `onnx()`, and otherwise
 * like it. The same machine repeats itself bit for bit with one thread, but other CPUs may give other bits of the same
 * runtime class, so that its outputs want a tolerance.
 *
 * `load` throws an `OptionalDependencyMissingError` when onnxruntime-node is not installed, a `RunnerFailedError` when
 * it refuses the model; `run` throws a `RunnerFailedError` when the input is not the model's.
 *
 * @example
 * const runners = runnerRegistry({ runners: [onnxNode(), onnx()], payloads })
 */
export function onnxNode(options: OnnxNodeOptions = {}): RunnerFactory {
  const { threads = 1, optimization = 'all', tokenizers = [] } = options
  if (!Number.isSafeInteger(threads) || threads < 1)
    throw new RangeError(`threads must be a positive integer, not ${threads}`)
  return defineRunner({
    name: 'onnxNode',
    formats: ['onnx'],
    supports: () => true,
    async load({ manifest, weights, signal }) {
      const ort = await importOrt()
      signal?.throwIfAborted()
      const fail = (reason: string, cause?: unknown) => new RunnerFailedError({ runner: 'onnxNode', reason, cause })
      const version = ort.env.versions.node
      if (version === undefined) throw fail('onnxruntime-node does not say its version')
      let session: OrtNode.InferenceSession
      try {
        session = await ort.InferenceSession.create(weights, {
          executionProviders: ['cpu'],
          graphOptimizationLevel: optimization,
          intraOpNumThreads: threads,
          interOpNumThreads: 1,
          // Fatal errors only: what goes wrong is thrown.
          logSeverityLevel: 4,
        })
      } catch (cause) {
        throw fail('onnxruntime-node does not load the model', cause)
      }
      return onnxRunner({
        name: 'onnxNode',
        library: 'onnxruntime-node',
        Tensor: ort.Tensor,
        session,
        manifest,
        tokenizers,
        fingerprint: {
          engine: 'onnxruntime-node',
          version,
          provider: 'cpu',
          threads,
          optimization,
          weightsDigest: manifest.weights.digest,
        },
      })
    },
  })
}

async function importOrt(): Promise<typeof OrtNode> {
  try {
    // Its module is CommonJS: what it exports is the default.
    const module = await import('onnxruntime-node')
    return 'default' in module ? (module.default as typeof OrtNode) : module
  } catch (cause) {
    throw new OptionalDependencyMissingError({
      name: 'onnxruntime-node',
      install: 'npm install onnxruntime-node',
      cause,
    })
  }
}
