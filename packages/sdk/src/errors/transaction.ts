import type { Address, Hash, Hex } from 'viem'
import { ProofOfInferenceError } from './base.ts'

/** A contract refused the call for a reason that the SDK has no error of its own for. */
export class ContractRevertedError extends ProofOfInferenceError<'ContractRevertedError'> {
  /** The reason, decoded if it could be. */
  readonly reason: string | undefined
  /** What the call returned; empty (`0x`) when the contract gave no reason. */
  readonly data: Hex
  constructor({ reason, data, cause }: { reason?: string | undefined; data: Hex; cause?: unknown }) {
    super(reason === undefined ? 'The contract refused the call.' : `The contract refused the call: ${reason}.`, {
      name: 'ContractRevertedError',
      cause,
      metaMessages: [
        `data: ${data}`,
        'The reason may be that of a token or another contract that is called in turn. The cause has the call.',
      ],
    })
    this.reason = reason
    this.data = data
  }
}

/** The transaction was mined, but did nothing. */
export class TransactionRevertedError extends ProofOfInferenceError<'TransactionRevertedError'> {
  readonly transactionHash: Hash
  readonly blockNumber: bigint
  constructor({
    transactionHash,
    blockNumber,
    cause,
  }: { transactionHash: Hash; blockNumber: bigint; cause?: unknown }) {
    super('The transaction was mined but reverted.', {
      name: 'TransactionRevertedError',
      cause,
      metaMessages: [
        `transactionHash: ${transactionHash}`,
        `blockNumber: ${blockNumber}`,
        cause === undefined
          ? 'The same call now succeeds: something changed in between, or the gas ran out. Try again.'
          : 'Something changed between simulation and execution. The cause says why the call is refused now.',
      ],
    })
    this.transactionHash = transactionHash
    this.blockNumber = blockNumber
  }
}

/** Another transaction with the same nonce was mined instead. */
export class TransactionReplacedError extends ProofOfInferenceError<'TransactionReplacedError'> {
  readonly transactionHash: Hash
  readonly replacementHash: Hash
  readonly reason: 'cancelled' | 'replaced'
  constructor({
    transactionHash,
    replacementHash,
    reason,
  }: { transactionHash: Hash; replacementHash: Hash; reason: 'cancelled' | 'replaced' }) {
    super(`The transaction was ${reason}.`, {
      name: 'TransactionReplacedError',
      metaMessages: [
        `transactionHash: ${transactionHash}`,
        `replacementHash: ${replacementHash}`,
        'The account sent another transaction with the same nonce. Send this one again if it is still wanted.',
      ],
    })
    this.transactionHash = transactionHash
    this.replacementHash = replacementHash
    this.reason = reason
  }
}

/** The transaction succeeded without the event it should have caused. */
export class EventMissingError extends ProofOfInferenceError<'EventMissingError'> {
  readonly eventName: string
  readonly transactionHash: Hash
  constructor({ eventName, transactionHash }: { eventName: string; transactionHash: Hash }) {
    super(`The transaction succeeded without the event ${eventName}.`, {
      name: 'EventMissingError',
      metaMessages: [
        `transactionHash: ${transactionHash}`,
        'The contract or the node is not what it should be. Check the deployment and the RPC endpoint before going on.',
      ],
    })
    this.eventName = eventName
    this.transactionHash = transactionHash
  }
}

/** Nobody is there to sign. */
export class AccountMissingError extends ProofOfInferenceError<'AccountMissingError'> {
  constructor() {
    super('There is no account to sign with.', {
      name: 'AccountMissingError',
      metaMessages: ['Create the client with an `account`, or pass one to the action.'],
    })
  }
}

/** The token does not let the AVS take the amount. */
export class InsufficientAllowanceError extends ProofOfInferenceError<'InsufficientAllowanceError'> {
  readonly asset: Address
  readonly owner: Address
  /** The AVS. */
  readonly spender: Address
  /** In the smallest unit of the asset. */
  readonly required: bigint
  /** In the smallest unit of the asset. */
  readonly allowance: bigint
  constructor({
    asset,
    owner,
    spender,
    required,
    allowance,
  }: { asset: Address; owner: Address; spender: Address; required: bigint; allowance: bigint }) {
    super('The allowance of the token is too small.', {
      name: 'InsufficientAllowanceError',
      metaMessages: [
        `asset: ${asset}`,
        `owner: ${owner}`,
        `spender: ${spender}`,
        `required: ${required}`,
        `allowance: ${allowance}`,
        'Call `approve(spender, required)` on the token first. The SDK never approves by itself.',
      ],
    })
    this.asset = asset
    this.owner = owner
    this.spender = spender
    this.required = required
    this.allowance = allowance
  }
}
