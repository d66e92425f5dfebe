import { ContractError, type ContractErrorParameters } from './contractError.ts'

/** The registry has the receipt, or the feedback, already. */
export class AlreadyPostedError extends ContractError<'AlreadyPosted'> {
  constructor(parameters: ContractErrorParameters<'AlreadyPosted'>) {
    super('AlreadyPosted', parameters, {
      summary: 'The registry has this receipt, or this feedback, already.',
      action: 'Nothing is to be done: an outcome is posted once, and cannot change. Read it with `verifyReceipt`.',
    })
  }
}

/** The job is neither verified nor rejected. */
export class JobNotDecidedError extends ContractError<'JobNotDecided'> {
  constructor(parameters: ContractErrorParameters<'JobNotDecided'>) {
    super('JobNotDecided', parameters, {
      summary: 'The job is neither verified nor rejected.',
      action:
        'Wait for the outcome of a request of it. A request that expired decides nothing; the job can be requested again. Check that the job is the very one that was requested, on this deployment.',
    })
  }
}

/** The deployment has no such registry. */
export class RegistryMissingError extends ContractError<'RegistryMissing'> {
  constructor(parameters: ContractErrorParameters<'RegistryMissing'>) {
    super('RegistryMissing', parameters, {
      summary: 'There is no such ERC-8004 registry.',
      action:
        'Use a deployment, or registries, that have it: `validationRegistry` and `reputationRegistry` can be null.',
    })
  }
}

/** Another validator was asked, or another agent asked. */
export class ValidationMismatchError extends ContractError<'ValidationMismatch'> {
  constructor(parameters: ContractErrorParameters<'ValidationMismatch'>) {
    super('ValidationMismatch', parameters, {
      summary: 'The hash was filed in the ValidationRegistry for another validator, or by another agent.',
      action:
        'A hash belongs for good to whoever files it first: this one can have no receipt. File the request of the next job before its output is released, and check its status.',
    })
  }
}
