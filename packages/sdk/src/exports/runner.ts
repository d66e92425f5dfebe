/**
 * The interface of runners, which load and run models, and what they are built from.
 *
 * @module @proof-of-inference/sdk/runner
 */

export {
  InvalidDefinitionError,
  OptionalDependencyMissingError,
  RunnerFailedError,
  RunnerUnavailableError,
  WeightsDigestMismatchError,
} from '../errors/verification.ts'
export { type Completion, parseCompletion, type Sampling } from '../runner/completion.ts'
export { defineRunner } from '../runner/defineRunner.ts'
export { type RunnerRegistryOptions, runnerRegistry } from '../runner/runnerRegistry.ts'
export { gumbelNoise, naturalLog, samplerName, sampleToken } from '../runner/sampler.ts'
export { byteTokenizer, type Tokenizer } from '../runner/tokenizer.ts'
export type { PositionScores, Runner, RunnerFactory, RunnerRegistry, RunOptions } from '../runner/types.ts'
