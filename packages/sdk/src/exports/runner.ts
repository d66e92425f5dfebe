export {
  InvalidDefinitionError,
  OptionalDependencyMissingError,
  RunnerFailedError,
  RunnerUnavailableError,
  WeightsDigestMismatchError,
} from '../errors/verification.ts'
export { defineRunner } from '../runner/defineRunner.ts'
export { type RunnerRegistryOptions, runnerRegistry } from '../runner/runnerRegistry.ts'
export type { PositionScores, Runner, RunnerFactory, RunnerRegistry, RunOptions } from '../runner/types.ts'
