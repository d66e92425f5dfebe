import { ContractError, type ContractErrorParameters } from './contractError.ts'

/** The operator committed to a vote on the request before. */
export class AlreadyCommittedError extends ContractError<'AlreadyCommitted'> {
  constructor(parameters: ContractErrorParameters<'AlreadyCommitted'>) {
    super('AlreadyCommitted', parameters, {
      summary: 'The operator has already committed to a vote on this request.',
      action: 'A commitment cannot be replaced: reveal the attestation it was made for.',
    })
  }
}

/** The operator voted on the request before. */
export class AlreadyVotedError extends ContractError<'AlreadyVoted'> {
  constructor(parameters: ContractErrorParameters<'AlreadyVoted'>) {
    super('AlreadyVoted', parameters, {
      summary: 'The operator has already voted on this request.',
      action: 'Nothing is to be done: an operator counts once per request.',
    })
  }
}

/** The model is not verified for payment in the asset. */
export class AssetNotAcceptedError extends ContractError<'AssetNotAccepted'> {
  constructor(parameters: ContractErrorParameters<'AssetNotAccepted'>) {
    super('AssetNotAccepted', parameters, {
      summary: 'The model does not accept payment in this asset.',
      action:
        'Pay in an asset that `getFee` reports as accepted, or ask the owner of the model to accept it (`setFees`).',
    })
  }
}

/** The attestation is for another request. */
export class AttestationMismatchError extends ContractError<'AttestationMismatch'> {
  constructor(parameters: ContractErrorParameters<'AttestationMismatch'>) {
    super('AttestationMismatch', parameters, {
      summary: 'The attestation is for another request.',
      action: 'Submit it with the request whose digest it carries.',
    })
  }
}

/** The canary says another verdict, or has another secret, than the job was made with. */
export class CanaryMismatchError extends ContractError<'CanaryMismatch'> {
  constructor(parameters: ContractErrorParameters<'CanaryMismatch'>) {
    super('CanaryMismatch', parameters, {
      summary: 'The job was not made with this verdict and secret.',
      action: 'Reveal what `createCanary` returned for this very job; a job that was made without it is no canary.',
    })
  }
}

/** The time for commitments is over, or the request has none. */
export class CommitWindowClosedError extends ContractError<'CommitWindowClosed'> {
  constructor(parameters: ContractErrorParameters<'CommitWindowClosed'>) {
    super('CommitWindowClosed', parameters, {
      summary: 'The commit window of this request is closed.',
      action:
        'A vote that was not committed in time cannot count. For a request without a commit window, submit the vote directly.',
    })
  }
}

/** Votes cannot be revealed yet. */
export class CommitWindowOpenError extends ContractError<'CommitWindowOpen'> {
  constructor(parameters: ContractErrorParameters<'CommitWindowOpen'>) {
    super('CommitWindowOpen', parameters, {
      summary: 'Votes on this request cannot be revealed yet.',
      action: 'Submit the vote after `closesAt` (unix time, seconds).',
    })
  }
}

/** The vote is not the one that was committed. */
export class CommitmentMismatchError extends ContractError<'CommitmentMismatch'> {
  constructor(parameters: ContractErrorParameters<'CommitmentMismatch'>) {
    super('CommitmentMismatch', parameters, {
      summary: 'The vote is not the one the operator committed to.',
      action: 'Reveal exactly the attestation and salt of the commitment, once.',
    })
  }
}

/** The confidence of the attestation is above what the model version allows. */
export class ConfidenceOutOfRangeError extends ContractError<'ConfidenceOutOfRange'> {
  constructor(parameters: ContractErrorParameters<'ConfidenceOutOfRange'>) {
    super('ConfidenceOutOfRange', parameters, {
      summary: 'The confidence of the attestation is too high.',
      action: 'Sign a confidence of at most `maximum` basis points.',
    })
  }
}

/** The agent named by the job did not agree to it. */
export class ConsentMissingError extends ContractError<'ConsentMissing'> {
  constructor(parameters: ContractErrorParameters<'ConsentMissing'>) {
    super('ConsentMissing', parameters, {
      summary: 'The agent has not consented to this job.',
      action:
        'Pass the signature of the payee over the job (`signConsent`), and make sure the payee is the wallet of the agent in the ERC-8004 identity registry.',
    })
  }
}

/** The verification fee is less than the model asks for. */
export class FeeBelowMinimumError extends ContractError<'FeeBelowMinimum'> {
  constructor(parameters: ContractErrorParameters<'FeeBelowMinimum'>) {
    super('FeeBelowMinimum', parameters, {
      summary: 'The verification fee is below the minimum of the model.',
      action: 'Raise `verificationFee` to at least `minimumFee`; `getFee` reads it.',
    })
  }
}

/** What was sent or received is not what the call needs. */
export class IncorrectPaymentError extends ContractError<'IncorrectPayment'> {
  constructor(parameters: ContractErrorParameters<'IncorrectPayment'>) {
    super('IncorrectPayment', parameters, {
      summary: 'The payment is not what the call needs.',
      action:
        'Use an asset that transfers the full amount: one that takes a fee on transfer cannot pay a request directly, but can be deposited.',
    })
  }
}

/** The deposit is less than the call needs. */
export class InsufficientDepositError extends ContractError<'InsufficientDeposit'> {
  constructor(parameters: ContractErrorParameters<'InsufficientDeposit'>) {
    super('InsufficientDeposit', parameters, {
      summary: 'The deposit is too small.',
      action: 'Add at least the difference with `deposit`, or pay with the call (`fromDeposit: false`).',
    })
  }
}

/** The job carries an agent id but names no agent, or consent was given to a job without an agent. */
export class InvalidAgentError extends ContractError<'InvalidAgent'> {
  constructor(parameters: ContractErrorParameters<'InvalidAgent'>) {
    super('InvalidAgent', parameters, {
      summary: 'The agent fields of the job contradict each other, or it names no agent.',
      action:
        'Ask a requester with `agent: { id, consent }`; in a job of your own, set `hasAgent: true` with the id of the agent, or `hasAgent: false` with `agentId: 0n`. Consent and receipts are only for jobs with an agent.',
    })
  }
}

/** The commit window leaves no time to reveal votes. */
export class InvalidCommitWindowError extends ContractError<'InvalidCommitWindow'> {
  constructor(parameters: ContractErrorParameters<'InvalidCommitWindow'>) {
    super('InvalidCommitWindow', parameters, {
      summary: 'The commit window leaves no time to reveal votes.',
      action:
        'Shorten `commitWindow` or move `deadline` (both in seconds), so that the window ends before the deadline.',
    })
  }
}

/** The deadline is past, or too far away. */
export class InvalidDeadlineError extends ContractError<'InvalidDeadline'> {
  constructor(parameters: ContractErrorParameters<'InvalidDeadline'>) {
    super('InvalidDeadline', parameters, {
      summary: 'The deadline is past or too far away.',
      action: 'Choose a deadline from `earliest` to `latest` (unix time, seconds).',
    })
  }
}

/** The least number of attestations is out of range. */
export class InvalidMinAttestationsError extends ContractError<'InvalidMinAttestations'> {
  constructor(parameters: ContractErrorParameters<'InvalidMinAttestations'>) {
    super('InvalidMinAttestations', parameters, {
      summary: 'The least number of attestations is out of range.',
      action: 'Choose `minAttestations` from 1 to 256.',
    })
  }
}

/** The least confidence is out of range. */
export class InvalidMinConfidenceError extends ContractError<'InvalidMinConfidence'> {
  constructor(parameters: ContractErrorParameters<'InvalidMinConfidence'>) {
    super('InvalidMinConfidence', parameters, {
      summary: 'The least confidence is out of range.',
      action: 'Choose `minConfidence` from 100 to `validConfidence` basis points.',
    })
  }
}

/** The job has a reward or an agent, but nobody to pay. */
export class InvalidPayeeError extends ContractError<'InvalidPayee'> {
  constructor(parameters: ContractErrorParameters<'InvalidPayee'>) {
    super('InvalidPayee', parameters, {
      summary: 'The job names no payee.',
      action: 'Set `payee` to the wallet of the agent, or to whoever shall receive the reward.',
    })
  }
}

/** The quorum is out of range. */
export class InvalidQuorumError extends ContractError<'InvalidQuorum'> {
  constructor(parameters: ContractErrorParameters<'InvalidQuorum'>) {
    super('InvalidQuorum', parameters, {
      summary: 'The quorum is out of range.',
      action: 'Choose `quorumBps` from 5001 to 10000 (basis points of the total stake weight).',
    })
  }
}

/** Stake weights cannot be taken at the timepoint. */
export class InvalidReferenceError extends ContractError<'InvalidReference'> {
  constructor(parameters: ContractErrorParameters<'InvalidReference'>) {
    super('InvalidReference', parameters, {
      summary: 'Stake weights cannot be taken at this reference timepoint.',
      action:
        'Use the one that `getReferenceTimepoint` gives: on L1 a recent block, on an L2 the table that was loaded last.',
    })
  }
}

/** The request is not signed by its requester. */
export class InvalidRequesterSignatureError extends ContractError<'InvalidRequesterSignature'> {
  constructor(parameters: ContractErrorParameters<'InvalidRequesterSignature'>) {
    super('InvalidRequesterSignature', parameters, {
      summary: 'The request is not signed by its requester.',
      action:
        'Have the requester sign it (`signRequest`) for this chain and AVS; any changed field asks for a new signature.',
    })
  }
}

/** The attestation is not signed by the signing key of the operator. */
export class InvalidSignerError extends ContractError<'InvalidSigner'> {
  constructor(parameters: ContractErrorParameters<'InvalidSigner'>) {
    super('InvalidSigner', parameters, {
      summary: 'The attestation is not signed by the signing key of the operator.',
      action:
        'Sign with `signingKey` (`signAttestation`), the key the operator had at the reference of the request, for this chain and AVS.',
    })
  }
}

/** The job was verified or rejected before. */
export class JobAlreadyDecidedError extends ContractError<'JobAlreadyDecided'> {
  constructor(parameters: ContractErrorParameters<'JobAlreadyDecided'>) {
    super('JobAlreadyDecided', parameters, {
      summary: 'The job has already been decided.',
      action: 'Read the decision with `getJobState`; settle open requests of the job with `settleRequest`.',
    })
  }
}

/** The job is not the one the request names. */
export class JobMismatchError extends ContractError<'JobMismatch'> {
  constructor(parameters: ContractErrorParameters<'JobMismatch'>) {
    super('JobMismatch', parameters, {
      summary: 'The job is not the one the request names.',
      action: 'Pass the job whose digest (`hashJob`) is the `jobId` of the request, unchanged.',
    })
  }
}

/** The attestation was made with another verification method. */
export class MethodMismatchError extends ContractError<'MethodMismatch'> {
  constructor(parameters: ContractErrorParameters<'MethodMismatch'>) {
    super('MethodMismatch', parameters, {
      summary: 'The attestation was made with another method than the model version asks for.',
      action: 'Run the verifier whose method id is `expected`, in that revision.',
    })
  }
}

/** The model takes no new requests. */
export class ModelInactiveError extends ContractError<'ModelInactive'> {
  constructor(parameters: ContractErrorParameters<'ModelInactive'>) {
    super('ModelInactive', parameters, {
      summary: 'The model takes no new requests.',
      action: 'Ask the owner of the model to activate it (`setActive`).',
    })
  }
}

/** A certificate with this nonce of the requester was settled. */
export class NonceAlreadyUsedError extends ContractError<'NonceAlreadyUsed'> {
  constructor(parameters: ContractErrorParameters<'NonceAlreadyUsed'>) {
    super('NonceAlreadyUsed', parameters, {
      summary: 'A certificate of a request of this requester with this nonce has been settled.',
      action:
        'If it was of this request, wait for its outcome (`waitForOutcome`); otherwise sign one with another `nonce`.',
    })
  }
}

/** The sender may not commit for the operator. */
export class NotCommitterError extends ContractError<'NotCommitter'> {
  constructor(parameters: ContractErrorParameters<'NotCommitter'>) {
    super('NotCommitter', parameters, {
      summary: 'The sender may not commit for this operator.',
      action: 'Send the commitment from the address of the operator or of its signing key.',
    })
  }
}

/** The sender is not the requester of the request. */
export class NotRequesterError extends ContractError<'NotRequester'> {
  constructor(parameters: ContractErrorParameters<'NotRequester'>) {
    super('NotRequester', parameters, {
      summary: 'The sender is not the requester of this request.',
      action: 'Send it from `request.requester`, who pays.',
    })
  }
}

/** There is nothing to withdraw. */
export class NothingToWithdrawError extends ContractError<'NothingToWithdraw'> {
  constructor(parameters: ContractErrorParameters<'NothingToWithdraw'>) {
    super('NothingToWithdraw', parameters, {
      summary: 'There is nothing to withdraw.',
      action:
        'Read `getEarnings`, or start with `initiateDepositWithdrawal`. Operators claim their fees first (`claimFees`).',
    })
  }
}

/** The operator may not vote on the request. */
export class OperatorCannotVoteError extends ContractError<'OperatorCannotVote'> {
  constructor(parameters: ContractErrorParameters<'OperatorCannotVote'>) {
    super('OperatorCannotVote', parameters, {
      summary: 'The operator may not vote on this request.',
      action: 'Vote only with operators for which `getVoter` at the reference of the request reports `canVote`.',
    })
  }
}

/** A commit window's votes need a salt each; votes on other requests have none. */
export class OperatorSaltsMismatchError extends ContractError<'OperatorSaltsMismatch'> {
  constructor(parameters: ContractErrorParameters<'OperatorSaltsMismatch'>) {
    super('OperatorSaltsMismatch', parameters, {
      summary: 'There are not as many operator salts as the votes need.',
      action: 'Give one for every vote where the request has a commit window, and none where it has not.',
    })
  }
}

/** The votes of a certificate decide nothing. */
export class QuorumNotReachedError extends ContractError<'QuorumNotReached'> {
  constructor(parameters: ContractErrorParameters<'QuorumNotReached'>) {
    super('QuorumNotReached', parameters, {
      summary: 'The votes of the certificate decide nothing.',
      action:
        'Collect votes until one side has the weight and the number that the job asks for (`verifyCertificate` says so).',
    })
  }
}

/** The request was opened before. */
export class RequestAlreadyOpenedError extends ContractError<'RequestAlreadyOpened'> {
  constructor(parameters: ContractErrorParameters<'RequestAlreadyOpened'>) {
    super('RequestAlreadyOpened', parameters, {
      summary: 'This request has already been opened.',
      action: 'Choose another `nonce` for another request; otherwise wait for its outcome (`waitForOutcome`).',
    })
  }
}

/** The request takes no more votes. */
export class RequestDeadlinePassedError extends ContractError<'RequestDeadlinePassed'> {
  constructor(parameters: ContractErrorParameters<'RequestDeadlinePassed'>) {
    super('RequestDeadlinePassed', parameters, {
      summary: 'The deadline of the request has passed.',
      action: 'Settle it with `settleRequest`; to have the job verified, open another request with a later deadline.',
    })
  }
}

/** The request has no outcome yet. */
export class RequestNotFinalError extends ContractError<'RequestNotFinal'> {
  constructor(parameters: ContractErrorParameters<'RequestNotFinal'>) {
    super('RequestNotFinal', parameters, {
      summary: 'The request is not final.',
      action: 'Wait for its outcome (`waitForOutcome`), or settle it once its deadline has passed (`settleRequest`).',
    })
  }
}

/** The request is not open. */
export class RequestNotOpenError extends ContractError<'RequestNotOpen'> {
  constructor(parameters: ContractErrorParameters<'RequestNotOpen'>) {
    super('RequestNotOpen', parameters, {
      summary: 'The request is not open.',
      action: 'Read `getRequestState`: a request that does not exist is to be opened first; a final one cannot change.',
    })
  }
}

/** It is too early to settle the request. */
export class RequestNotSettleableError extends ContractError<'RequestNotSettleable'> {
  constructor(parameters: ContractErrorParameters<'RequestNotSettleable'>) {
    super('RequestNotSettleable', parameters, {
      summary: 'The request cannot be settled yet.',
      action: 'Wait until its job is decided or its `deadline` (unix time, seconds) has passed.',
    })
  }
}

/** New requests are paused. */
export class RequestsArePausedError extends ContractError<'RequestsArePaused'> {
  constructor(parameters: ContractErrorParameters<'RequestsArePaused'>) {
    super('RequestsArePaused', parameters, {
      summary: 'New requests are paused.',
      action:
        'Wait until the owner of the AVS lifts the pause; jobs consented to before may still be requested for 21 days.',
    })
  }
}

/** The delay of the withdrawal is not over. */
export class WithdrawalNotReadyError extends ContractError<'WithdrawalNotReady'> {
  constructor(parameters: ContractErrorParameters<'WithdrawalNotReady'>) {
    super('WithdrawalNotReady', parameters, {
      summary: 'The withdrawal is not ready.',
      action: 'Complete it after `availableAt` (unix time, seconds).',
    })
  }
}

/** The amount is zero. */
export class ZeroAmountError extends ContractError<'ZeroAmount'> {
  constructor(parameters: ContractErrorParameters<'ZeroAmount'>) {
    super('ZeroAmount', parameters, {
      summary: 'The amount is zero.',
      action: 'Pass a positive amount in the smallest unit of the asset.',
    })
  }
}
