import type { Hex } from 'viem'
import { ProofOfInferenceError } from './base.ts'
import { ContractError, type ContractErrorParameters } from './contractError.ts'

/** The name is not allowed. */
export class InvalidModelNameError extends ContractError<'InvalidModelName'> {
  constructor(parameters: ContractErrorParameters<'InvalidModelName'>) {
    super('InvalidModelName', parameters, {
      summary: 'The name of the model is not allowed.',
      action: "Choose 1 to 64 characters of a-z, 0-9, '.', '_' and '-'.",
    })
  }
}

/** The new owner cannot own a model. */
export class InvalidModelOwnerError extends ContractError<'InvalidModelOwner'> {
  constructor(parameters: ContractErrorParameters<'InvalidModelOwner'>) {
    super('InvalidModelOwner', parameters, {
      summary: 'The new owner cannot own a model.',
      action: 'Pass the address of the new owner; a model cannot be given to the zero address.',
    })
  }
}

/** The confidence of a valid verdict is out of range. */
export class InvalidValidConfidenceError extends ContractError<'InvalidValidConfidence'> {
  constructor(parameters: ContractErrorParameters<'InvalidValidConfidence'>) {
    super('InvalidValidConfidence', parameters, {
      summary: 'The confidence of a valid verdict is out of range.',
      action:
        'Choose `validConfidence` from 100 to 10000 basis points; it follows from the error rates measured for the policy.',
    })
  }
}

/** A digest or the method id is zero. */
export class MissingDigestError extends ContractError<'MissingDigest'> {
  constructor(parameters: ContractErrorParameters<'MissingDigest'>) {
    super('MissingDigest', parameters, {
      summary: 'A digest or the method id is zero.',
      action: 'Pass the digests of the manifest and the policy, and the method id of the verifier.',
    })
  }
}

/** The account has a model of that name. */
export class ModelAlreadyRegisteredError extends ContractError<'ModelAlreadyRegistered'> {
  constructor(parameters: ContractErrorParameters<'ModelAlreadyRegistered'>) {
    super('ModelAlreadyRegistered', parameters, {
      summary: 'The model is already registered.',
      action: 'Publish a new version with `publishVersion`, or choose another name.',
    })
  }
}

/** The sender does not own the model. */
export class NotModelOwnerError extends ContractError<'NotModelOwner'> {
  constructor(parameters: ContractErrorParameters<'NotModelOwner'>) {
    super('NotModelOwner', parameters, {
      summary: 'The sender does not own the model.',
      action: 'Send it from `owner`.',
    })
  }
}

/** There is no such model. */
export class UnknownModelError extends ContractError<'UnknownModel'> {
  /** What was asked for, as it was written; `undefined` when it was asked for by id. */
  declare readonly reference: string | undefined
  constructor(parameters: ContractErrorParameters<'UnknownModel'> & { reference?: string }) {
    super('UnknownModel', parameters, {
      summary: 'There is no such model.',
      action:
        'Check the id, or the owner and the name: the owner in a reference is the one who first registered the model. Check that the deployment is the one you mean.',
    })
  }
}

/** There is no such version of a model. */
export class UnknownModelVersionError extends ProofOfInferenceError<'UnknownModelVersionError'> {
  /** The id that was asked for; `undefined` when it was asked for by number. */
  readonly modelVersionId: Hex | undefined
  readonly modelId: Hex | undefined
  readonly number: number | undefined
  /** What was asked for, as it was written; `undefined` when it was asked for by id. */
  readonly reference: string | undefined
  constructor({
    cause,
    ...version
  }: ({ modelVersionId: Hex } | { modelId: Hex; number: number; reference?: string }) & { cause?: unknown }) {
    super('There is no such version of a model.', {
      name: 'UnknownModelVersionError',
      cause,
      metaMessages: [
        ...Object.entries(version).map(([fact, value]) => `${fact}: ${value}`),
        'Check it against `latestVersion` and `latestVersionId` of the model (`getModelInfo`), and that the deployment is the one you mean.',
      ],
    })
    this.modelVersionId = 'modelVersionId' in version ? version.modelVersionId : undefined
    this.modelId = 'modelId' in version ? version.modelId : undefined
    this.number = 'number' in version ? version.number : undefined
    this.reference = 'reference' in version ? version.reference : undefined
  }
}

/** The text does not name a version of a model. */
export class InvalidModelReferenceError extends ProofOfInferenceError<'InvalidModelReferenceError'> {
  readonly reference: string
  constructor({ reference }: { reference: string }) {
    super('The text does not name a version of a model.', {
      name: 'InvalidModelReferenceError',
      metaMessages: [
        `reference: ${reference}`,
        'Write `owner/name@version`, with the address of the first owner and the number of the version, such as `0x…/silero-vad@2`; or pass a modelVersionId (32 bytes).',
      ],
    })
    this.reference = reference
  }
}
