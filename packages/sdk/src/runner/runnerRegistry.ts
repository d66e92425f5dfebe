import { isProofOfInferenceError } from '../errors/base.ts'
import { RunnerUnavailableError, WeightsDigestMismatchError } from '../errors/verification.ts'
import { runtimeClass } from '../payload/fingerprint.ts'
import type { PayloadSource } from '../payload/store.ts'
import { getVerified } from '../payload/transfer.ts'
import type { ModelManifest } from '../payload/types.ts'
import { abortable } from '../utils/abort.ts'
import type { Runner, RunnerFactory, RunnerRegistry } from './types.ts'

/** Which engines there are, where weights come from, and how many models stay loaded. */
export type RunnerRegistryOptions = {
  /** Engines, in order of preference: of those that support a model, the first on a runtime that its manifest allows. */
  readonly runners: readonly RunnerFactory[]
  /** Where weights are fetched from, by their digest. */
  readonly payloads: PayloadSource
  /** Largest weights to load, in bytes. Default: 2 GiB. */
  readonly maxModelBytes?: number
  /** Models to keep loaded when nobody uses them. Default: 4. */
  readonly cacheSize?: number
}

/** A model that is loaded or loading, with who uses it. */
type Entry = {
  readonly runner: Promise<Runner>
  readonly abort: AbortController
  leases: number
  loaded: boolean
}

/**
 * Resolves a model's manifest to a loaded runner. A model is loaded once however many ask for it, and stays loaded
 * among the `cacheSize` last used; the weights are hashed before anything loads them. Every resolved runner is a
 * lease, handed back by its `dispose()`.
 *
 * `resolve` throws a `RunnerUnavailableError` that says why there is no runner, a `WeightsDigestMismatchError` when the
 * payload store holds other bytes, or what the engine throws on loading.
 *
 * @example
 * const registry = runnerRegistry({ runners: [onnx()], payloads })
 * const runner = await registry.resolve(manifest)
 * const output = await runner.run(input)
 * await runner.dispose()
 */
export function runnerRegistry(options: RunnerRegistryOptions): RunnerRegistry {
  const { runners, payloads, maxModelBytes = 2 ** 31, cacheSize = 4 } = options
  /** By manifest; the least recently used first. */
  const entries = new Map<string, Entry>()
  let isDisposed = false

  async function load(manifest: ModelManifest, signal: AbortSignal, modelVersionId: string | undefined) {
    const { digest, size, format } = manifest.weights
    const unavailable = (reason: string, cause?: unknown) =>
      new RunnerUnavailableError({ modelVersionId, weightsDigest: digest, reason, cause })
    if (runners.length === 0) throw unavailable('no runner is configured')
    const refusals: string[] = []
    const candidates = runners.filter((candidate) => {
      const answer = candidate.formats.includes(format)
        ? candidate.supports(manifest)
        : `it loads ${candidate.formats.join(', ')}, not ${format}`
      if (answer !== true) refusals.push(`${candidate.name}: ${answer}`)
      return answer === true
    })
    if (candidates.length === 0) throw unavailable(refusals.join('; '))
    if (size > maxModelBytes) throw unavailable(`the weights have ${size} bytes, ${maxModelBytes} are allowed`)
    const weights = await getVerified(payloads, digest, { signal, maxBytes: size }).catch((error: unknown) => {
      signal.throwIfAborted()
      // Stores may report wrong bytes among other failures.
      const mismatch = isProofOfInferenceError(error) ? error.walk('PayloadDigestMismatchError') : undefined
      if (mismatch)
        throw new WeightsDigestMismatchError({
          expected: digest,
          actual: 'actual' in mismatch ? String(mismatch.actual) : 'other bytes',
          source: 'the payload store',
          cause: error,
        })
      throw unavailable('the weights could not be fetched', error)
    })
    if (weights.length !== size)
      throw unavailable(`the manifest says ${size} bytes, the weights with its digest have ${weights.length}`)
    const allowed = manifest.runtimes.map(runtimeClass)
    for (const factory of candidates) {
      const runner = await factory.load({ manifest, weights, signal })
      const actual = runtimeClass(runner.fingerprint)
      if (allowed.length === 0 || allowed.includes(actual)) return runner
      await runner.dispose()
      refusals.push(`${factory.name} is ${actual} here`)
    }
    throw unavailable(`the manifest allows ${allowed.join(', ')}; ${refusals.join('; ')}`)
  }

  async function evict(key: string, entry: Entry): Promise<void> {
    if (entries.get(key) === entry) entries.delete(key)
    entry.abort.abort()
    // A model that failed to load holds nothing; whoever asked for it got the error.
    const runner = await entry.runner.catch(() => undefined)
    await runner?.dispose()
  }

  async function release(key: string, entry: Entry): Promise<void> {
    entry.leases--
    if (entry.leases > 0) return
    // Nobody waits for it any more: there is nothing to cache.
    if (!entry.loaded) return evict(key, entry)
    const idle = [...entries].filter(([, candidate]) => candidate.leases === 0)
    const surplus = idle.slice(0, Math.max(0, idle.length - cacheSize))
    await Promise.all(surplus.map(([key, candidate]) => evict(key, candidate)))
  }

  return {
    async resolve(manifest, { signal, modelVersionId } = {}) {
      signal?.throwIfAborted()
      if (isDisposed)
        throw new RunnerUnavailableError({
          modelVersionId,
          weightsDigest: manifest.weights.digest,
          reason: 'the registry was disposed',
        })
      const key = JSON.stringify([manifest.weights, manifest.tokenizer, manifest.runtimes])
      let entry = entries.get(key)
      if (!entry) {
        const abort = new AbortController()
        entry = { runner: load(manifest, abort.signal, modelVersionId), abort, leases: 0, loaded: false }
        const created = entry
        created.runner.then(
          () => {
            created.loaded = true
          },
          () => {
            if (entries.get(key) === created) entries.delete(key)
          },
        )
      }
      const leased = entry
      // Put last: it is the most recently used.
      entries.delete(key)
      entries.set(key, leased)
      leased.leases++
      try {
        return lease(await abortable(leased.runner, signal), () => release(key, leased))
      } catch (error) {
        // Not awaited: an aborted call is not to wait for the load to wind down, nor does that concern it.
        release(key, leased).catch(() => undefined)
        throw error
      }
    },
    async dispose() {
      isDisposed = true
      await Promise.all([...entries].map(([key, entry]) => evict(key, entry)))
    },
  }
}

/** The runner, but with a `dispose` that hands it back. */
function lease(runner: Runner, onDispose: () => Promise<void>): Runner {
  let released: Promise<void> | undefined
  const assertHeld = () => {
    if (released)
      throw new RunnerUnavailableError({
        weightsDigest: runner.fingerprint.weightsDigest,
        reason: 'the runner was handed back; resolve it again',
      })
  }
  const { score, decode } = runner
  return {
    fingerprint: runner.fingerprint,
    deterministic: runner.deterministic,
    async run(input, options) {
      assertHeld()
      return runner.run(input, options)
    },
    ...(score && {
      score(input, tokenIds, options) {
        assertHeld()
        return score.call(runner, input, tokenIds, options)
      },
    }),
    ...(decode && {
      async decode(tokenIds, options) {
        assertHeld()
        return decode.call(runner, tokenIds, options)
      },
    }),
    dispose() {
      released ??= onDispose()
      return released
    },
  }
}
