import { ProofOfInferenceError } from './base.ts'

/** No verifier at hand implements the method. */
export class UnknownMethodError extends ProofOfInferenceError<'UnknownMethodError'> {
  readonly methodId: string
  constructor({ methodId, known }: { methodId: string; known: readonly string[] }) {
    super('No verifier implements the method.', {
      name: 'UnknownMethodError',
      metaMessages: [
        `Method id: ${methodId}`,
        `Known:     ${known.length > 0 ? known.join(', ') : 'none'}`,
        'Add the verifier whose name and revision the model version was published with.',
      ],
    })
    this.methodId = methodId
  }
}

/** The policy does not fit the verifier. */
export class PolicyInvalidError extends ProofOfInferenceError<'PolicyInvalidError'> {
  readonly issues: readonly string[]
  constructor({ verifier, issues, cause }: { verifier: string; issues: readonly string[]; cause?: unknown }) {
    super(`The policy is not one of ${verifier}.`, {
      name: 'PolicyInvalidError',
      cause,
      metaMessages: [
        ...issues.map((issue) => `- ${issue}`),
        "Build the policy with the verifier package's own `policy` function, of the same revision.",
      ],
    })
    this.issues = issues
  }
}

/** The policy is not for jobs of this kind: batches, single inferences, or batches of this size. */
export class BatchMismatchError extends ProofOfInferenceError<'BatchMismatchError'> {
  readonly reason: string
  constructor({ reason }: { reason: string }) {
    super(`The policy does not take the job: ${reason}.`, {
      name: 'BatchMismatchError',
      metaMessages: ['Use a version of the model whose policy takes it, or send the inferences in another way.'],
    })
    this.reason = reason
  }
}

/** Weights are not those that the manifest names. */
export class WeightsDigestMismatchError extends ProofOfInferenceError<'WeightsDigestMismatchError'> {
  readonly expected: string
  readonly actual: string
  constructor({
    expected,
    actual,
    source,
    cause,
  }: { expected: string; actual: string; source: string; cause?: unknown }) {
    super('The weights are not those of the model.', {
      name: 'WeightsDigestMismatchError',
      cause,
      metaMessages: [
        `Expected: ${expected}`,
        `Actual:   ${actual}`,
        `Source:   ${source}`,
        'Nothing was loaded. Replace the file with the one the manifest names.',
      ],
    })
    this.expected = expected
    this.actual = actual
  }
}

/** No runner can run the model here. */
export class RunnerUnavailableError extends ProofOfInferenceError<'RunnerUnavailableError'> {
  readonly weightsDigest: string
  readonly reason: string
  constructor({
    modelVersionId,
    weightsDigest,
    reason,
    cause,
  }: { modelVersionId?: string | undefined; weightsDigest: string; reason: string; cause?: unknown }) {
    super(`No runner for the model: ${reason}.`, {
      name: 'RunnerUnavailableError',
      cause,
      metaMessages: [
        ...(modelVersionId === undefined ? [] : [`Model version: ${modelVersionId}`]),
        `Weights:       ${weightsDigest}`,
        'Add a runner for the format, or a payload store that holds the weights.',
      ],
    })
    this.weightsDigest = weightsDigest
    this.reason = reason
  }
}

/** A runner could not run its model. */
export class RunnerFailedError extends ProofOfInferenceError<'RunnerFailedError'> {
  readonly runner: string
  constructor({ runner, reason, cause }: { runner: string; reason: string; cause?: unknown }) {
    super(`The runner failed: ${reason}.`, {
      name: 'RunnerFailedError',
      cause,
      metaMessages: [`Runner: ${runner}`, 'This says nothing about the output under test.'],
    })
    this.runner = runner
  }
}

/** A verifier could not come to a verdict. */
export class VerifierFailedError extends ProofOfInferenceError<'VerifierFailedError'> {
  readonly verifier: string
  constructor({ verifier, reason, cause }: { verifier: string; reason: string; cause?: unknown }) {
    super(`The verifier failed: ${reason}.`, {
      name: 'VerifierFailedError',
      cause,
      metaMessages: [`Verifier: ${verifier}`, 'A failure is no verdict: nothing is to be attested.'],
    })
    this.verifier = verifier
  }
}

/** A verifier's or a runner's definition has a mistake. */
export class InvalidDefinitionError extends ProofOfInferenceError<'InvalidDefinitionError'> {
  constructor({ what, reason }: { what: 'verifier' | 'runner'; reason: string }) {
    super(`The ${what}'s definition is wrong: ${reason}.`, {
      name: 'InvalidDefinitionError',
      metaMessages: [`Correct what is passed to \`define${what === 'verifier' ? 'Verifier' : 'Runner'}\`.`],
    })
  }
}

/** An optional dependency is not installed, or does not load here. */
export class OptionalDependencyMissingError extends ProofOfInferenceError<'OptionalDependencyMissingError'> {
  readonly dependency: string
  constructor({ name, install, cause }: { name: string; install: string; cause?: unknown }) {
    super(`The optional dependency ${name} could not be loaded.`, {
      name: 'OptionalDependencyMissingError',
      cause,
      metaMessages: [`Install it: ${install}`],
    })
    this.dependency = name
  }
}
