import { InvalidDefinitionError, RunnerFailedError, WeightsDigestMismatchError } from '../errors/verification.ts'
import { digest } from '../payload/digest.ts'
import type { RunnerFactory } from './types.ts'

/**
 * Defines an engine that loads and runs models. The factory it returns hashes the weights before it loads them, and
 * refuses a runner whose fingerprint names other weights.
 *
 * `load` of the result throws a `WeightsDigestMismatchError` when the weights are not the manifest's.
 *
 * @example
 * const linear = () =>
 *   defineRunner({
 *     name: 'linear',
 *     formats: ['linear-json'],
 *     supports: () => true,
 *     load: async ({ manifest, weights }) => linearRunner(manifest, weights), // a `Runner`
 *   })
 */
export function defineRunner(definition: RunnerFactory): RunnerFactory {
  const { name, formats } = definition
  if (name === '') throw new InvalidDefinitionError({ what: 'runner', reason: 'the name is empty' })
  if (formats.length === 0) throw new InvalidDefinitionError({ what: 'runner', reason: `${name} loads no format` })
  return Object.freeze({
    name,
    formats: Object.freeze([...formats]),
    supports(manifest) {
      if (formats.includes(manifest.weights.format)) return definition.supports(manifest)
      return `it loads ${formats.join(', ')}, not ${manifest.weights.format}`
    },
    async load(parameters) {
      const expected = parameters.manifest.weights.digest
      const actual = await digest(parameters.weights)
      if (actual !== expected) throw new WeightsDigestMismatchError({ expected, actual, source: `load of ${name}` })
      parameters.signal?.throwIfAborted()
      const runner = await definition.load(parameters)
      if (runner.fingerprint.weightsDigest === expected) return runner
      await runner.dispose()
      throw new RunnerFailedError({
        runner: name,
        reason: `its fingerprint names weights ${runner.fingerprint.weightsDigest}, it was given ${expected}`,
      })
    },
  } satisfies RunnerFactory)
}
