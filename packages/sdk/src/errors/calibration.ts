import { ProofOfInferenceError } from './base.ts'

/** The samples do not make a policy. */
export class CalibrationFailedError extends ProofOfInferenceError<'CalibrationFailedError'> {
  readonly reason: string
  constructor({ reason }: { reason: string }) {
    super(`The samples do not calibrate the verifier: ${reason}.`, {
      name: 'CalibrationFailedError',
      metaMessages: [
        'Add samples, or choose another verifier for the model: this one may have nothing to measure on it.',
      ],
    })
    this.reason = reason
  }
}

/** A policy is not what its calibration gives. */
export class CalibrationMismatchError extends ProofOfInferenceError<'CalibrationMismatchError'> {
  readonly reason: string
  constructor({ reason }: { reason: string }) {
    super(`The policy is not reproduced: ${reason}.`, {
      name: 'CalibrationMismatchError',
      metaMessages: ['Do not rely on its error rates. Ask who published it how it was made.'],
    })
    this.reason = reason
  }
}
