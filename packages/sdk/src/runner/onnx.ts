import type * as Ort from 'onnxruntime-web'
import { OptionalDependencyMissingError, RunnerFailedError, RunnerUnavailableError } from '../errors/verification.ts'
import { isDtype, tensorOf } from '../payload/tensor.ts'
import type { InferenceInput, RuntimeFingerprint, Tensor } from '../payload/types.ts'
import { defineRunner } from './defineRunner.ts'
import type { Runner, RunnerFactory } from './types.ts'

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
}

/** Threads that the library was started with, by its module. */
const startedThreads = new WeakMap<object, number>()

/**
 * Runs ONNX models with onnxruntime-web (WebAssembly), in Node, browsers and edge runtimes. Takes and gives inputs and
 * outputs of type `tensors`.
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
      return createRunner(ort, session, {
        engine: 'onnxruntime-web',
        version,
        provider: 'wasm',
        threads,
        optimization,
        weightsDigest,
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

function createRunner(ort: typeof Ort, session: Ort.InferenceSession, fingerprint: RuntimeFingerprint): Runner {
  let running: Promise<unknown> = Promise.resolve()
  let disposed: Promise<void> | undefined
  return {
    fingerprint,
    deterministic: fingerprint.threads === 1,
    async run(input, { signal } = {}) {
      if (disposed) throw failure('it was disposed')
      const result = running.then(async () => {
        signal?.throwIfAborted()
        const feeds = toFeeds(ort, session, input)
        const results = await session.run(feeds, { logSeverityLevel: 4 }).catch((cause: unknown) => {
          throw failure('onnxruntime-web does not run the model on the input', cause)
        })
        signal?.throwIfAborted()
        const tensors = Object.fromEntries(
          Object.entries(results).map(([name, result]) => [name, fromOrt(name, result)]),
        )
        return { type: 'tensors', tensors, runtime: fingerprint } as const
      })
      // One run at a time, whether or not the last one failed.
      running = result.catch(() => undefined)
      return result
    },
    dispose() {
      disposed ??= running.then(() => session.release())
      return disposed
    },
  }
}

function toFeeds(ort: typeof Ort, session: Ort.InferenceSession, input: InferenceInput): Record<string, Ort.Tensor> {
  if (input.type !== 'tensors') throw failure(`the model takes tensors, the input is of type ${input.type}`)
  const names = Object.keys(input.tensors)
  const unknown = names.filter((name) => !session.inputNames.includes(name))
  if (unknown.length > 0 || names.length !== session.inputNames.length)
    throw failure(`the model takes the inputs ${session.inputNames.join(', ')}, not ${names.join(', ')}`)
  const feeds: Record<string, Ort.Tensor> = {}
  for (const metadata of session.inputMetadata) {
    const tensor = input.tensors[metadata.name]
    if (!tensor) throw failure(`the input ${metadata.name} is missing`)
    if (!metadata.isTensor) throw failure(`the model's input ${metadata.name} is not a tensor`)
    if (metadata.type !== tensor.dtype)
      throw failure(`the input ${metadata.name} is of ${metadata.type}, not ${tensor.dtype}`)
    if (!fits(tensor.dims, metadata.shape))
      throw failure(
        `the input ${metadata.name} is of shape [${metadata.shape.map((dim) => (isFixed(dim) ? dim : '?')).join(', ')}], not [${tensor.dims.join(', ')}]`,
      )
    feeds[metadata.name] = new ort.Tensor(tensor.dtype, tensor.data, tensor.dims)
  }
  return feeds
}

/** Whether a shape is one that the model takes. The library gives an empty shape also where it knows none. */
function fits(dims: readonly number[], shape: readonly (number | string)[]): boolean {
  if (shape.length === 0) return true
  return dims.length === shape.length && shape.every((dim, axis) => !isFixed(dim) || dim === dims[axis])
}

/** Whether a dimension has one size; the library gives a name, or −1 as an unsigned integer, for those that do not. */
function isFixed(dim: number | string): boolean {
  return typeof dim === 'number' && dim >= 0 && dim < 0xffffffff
}

/** A tensor of the model's, copied: the library may reuse its memory. */
function fromOrt(name: string, tensor: Ort.Tensor): Tensor {
  const { dims, type, data } = tensor
  if (!isDtype(type) || !ArrayBuffer.isView(data))
    throw failure(`the output ${name} is of ${type}, which payloads do not carry`)
  const copy = tensorOf(type, dims, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  tensor.dispose()
  return copy
}

function failure(reason: string, cause?: unknown): RunnerFailedError {
  return new RunnerFailedError({ runner: 'onnx', reason, cause })
}
