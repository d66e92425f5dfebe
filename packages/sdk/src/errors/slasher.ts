import type { Address } from 'viem'
import { ProofOfInferenceError } from './base.ts'
import { ContractError, type ContractErrorParameters } from './contractError.ts'

/** The deployment names no slasher: its chain has no EigenLayer. */
export class SlasherMissingError extends ProofOfInferenceError<'SlasherMissingError'> {
  readonly chainId: number
  readonly avs: Address
  constructor({ chainId, avs }: { chainId: number; avs: Address }) {
    super('The deployment has no slasher.', {
      name: 'SlasherMissingError',
      metaMessages: [
        `chainId: ${chainId}`,
        `avs: ${avs}`,
        'Operators are slashed where their stake is. Use the deployment on that chain: evidence says itself which chain and AVS it is of.',
      ],
    })
    this.chainId = chainId
    this.avs = avs
  }
}

/** The operator was slashed for the request before. */
export class AlreadySlashedError extends ContractError<'AlreadySlashed'> {
  constructor(parameters: ContractErrorParameters<'AlreadySlashed'>) {
    super('AlreadySlashed', parameters, {
      summary: 'The operator was slashed for the request before.',
      action: 'Nothing is to be done: an operator is slashed once for a request, whatever else it signed on it.',
    })
  }
}

/** The domain is proposed already. */
export class DomainAlreadyProposedError extends ContractError<'DomainAlreadyProposed'> {
  constructor(parameters: ContractErrorParameters<'DomainAlreadyProposed'>) {
    super('DomainAlreadyProposed', parameters, {
      summary: 'The domain is proposed already.',
      action: 'Register it with `registerSlasherDomain` when its delay has passed.',
    })
  }
}

/** The domain is registered already. */
export class DomainAlreadyRegisteredError extends ContractError<'DomainAlreadyRegistered'> {
  constructor(parameters: ContractErrorParameters<'DomainAlreadyRegistered'>) {
    super('DomainAlreadyRegistered', parameters, {
      summary: 'The domain is registered already.',
      action: 'Nothing is to be done: evidence under it is accepted.',
    })
  }
}

/** The domain was proposed too recently to be registered. */
export class DomainLockedError extends ContractError<'DomainLocked'> {
  constructor(parameters: ContractErrorParameters<'DomainLocked'>) {
    super('DomainLocked', parameters, {
      summary: 'The domain was proposed too recently to be registered.',
      action: 'Call `registerSlasherDomain` at `executableAt` or later.',
    })
  }
}

/** There is no proposal of the domain. */
export class DomainNotProposedError extends ContractError<'DomainNotProposed'> {
  constructor(parameters: ContractErrorParameters<'DomainNotProposed'>) {
    super('DomainNotProposed', parameters, {
      summary: 'There is no proposal of the domain.',
      action: 'Propose it with `proposeSlasherDomain`, and check the chain id and the AVS.',
    })
  }
}

/** The slasher does not accept evidence under the domain. */
export class DomainNotRegisteredError extends ContractError<'DomainNotRegistered'> {
  constructor(parameters: ContractErrorParameters<'DomainNotRegistered'>) {
    super('DomainNotRegistered', parameters, {
      summary: 'The slasher does not accept evidence under the domain.',
      action: 'Check the chain id and the AVS of the evidence. The owner of the AVS registers domains of other chains.',
    })
  }
}

/** The request is too old: more blocks have passed since its reference than those for which stake is held. */
export class EvidenceExpiredError extends ContractError<'EvidenceExpired'> {
  constructor(parameters: ContractErrorParameters<'EvidenceExpired'>) {
    super('EvidenceExpired', parameters, {
      summary:
        'The request is too old: more blocks have passed since its reference than those for which stake is held.',
      action:
        'Nothing is to be done. Evidence must come within `slashabilityHorizon` blocks after the reference of the request.',
    })
  }
}

/** The domain cannot be one of another chain. */
export class InvalidDomainError extends ContractError<'InvalidDomain'> {
  constructor(parameters: ContractErrorParameters<'InvalidDomain'>) {
    super('InvalidDomain', parameters, {
      summary: 'The domain cannot be one of another chain.',
      action: 'Name the id of another chain than this, and the address of an AVS on it.',
    })
  }
}

/** The sender is not the owner of the AVS. */
export class NotOwnerError extends ContractError<'NotOwner'> {
  constructor(parameters: ContractErrorParameters<'NotOwner'>) {
    super('NotOwner', parameters, {
      summary: 'The sender is not the owner of the AVS.',
      action: 'Send it from the account of the owner.',
    })
  }
}

/** EigenLayer found nothing to take from the operator. */
export class NothingSlashedError extends ContractError<'NothingSlashed'> {
  constructor(parameters: ContractErrorParameters<'NothingSlashed'>) {
    super('NothingSlashed', parameters, {
      summary: 'EigenLayer found nothing to take from the operator.',
      action: 'The evidence is not used up: submit it again when the operator has stake allocated to the operator set.',
    })
  }
}

/** The attestations are of two operators. */
export class OperatorMismatchError extends ContractError<'OperatorMismatch'> {
  constructor(parameters: ContractErrorParameters<'OperatorMismatch'>) {
    super('OperatorMismatch', parameters, {
      summary: 'The attestations are of two operators.',
      action: 'Give two attestations of one operator.',
    })
  }
}

/** The attestations do not contradict each other. */
export class SameVerdictError extends ContractError<'SameVerdict'> {
  constructor(parameters: ContractErrorParameters<'SameVerdict'>) {
    super('SameVerdict', parameters, {
      summary: 'The attestations do not contradict each other.',
      action: 'Give one with `isValid` and one without. Another confidence, method or evidence is no contradiction.',
    })
  }
}

/** The signing address is not the key of an operator of the operator set now. */
export class UnknownSigningKeyError extends ContractError<'UnknownSigningKey'> {
  constructor(parameters: ContractErrorParameters<'UnknownSigningKey'>) {
    super('UnknownSigningKey', parameters, {
      summary: 'The signing address is not the key of an operator of the operator set now.',
      action: 'Check the evidence. A key that was deregistered can no longer be held against anybody.',
    })
  }
}
