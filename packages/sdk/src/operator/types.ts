import type { Account, Address, Chain, Client, Hash, Hex, LocalAccount, Transport } from 'viem'
import type { AggregatorClient } from '../aggregator/types.ts'
import type { Deployment } from '../deployments/deployment.ts'
import type { PayloadStore } from '../payload/store.ts'
import type { RunnerFactory } from '../runner/types.ts'
import type { Job, Request } from '../utils/typedData.ts'
import type { Verifier } from '../verifier/types.ts'
import type { OutcomeStatus, RequestState, SkipReason } from './machine.ts'
import type { OperatorStore } from './store.ts'

/** A viem client on the deployment's chain, with the account that pays for the operator's transactions. */
export type OperatorClient = Client<Transport, Chain | undefined, Account>

/** Takes what an operator has to say. Never given a secret. `console` is one. */
export interface Logger {
  debug(message: string, fields: Readonly<Record<string, unknown>>): void
  info(message: string, fields: Readonly<Record<string, unknown>>): void
  warn(message: string, fields: Readonly<Record<string, unknown>>): void
  error(message: string, fields: Readonly<Record<string, unknown>>): void
}

/** What happens to an operator, as it happens. */
export type OperatorEvent =
  /** The store is open; requests are read from after `blockNumber` on. */
  | { readonly type: 'started'; readonly operator: Address; readonly blockNumber: bigint }
  | {
      readonly type: 'seen'
      readonly requestId: Hex
      readonly jobId: Hex
      /** Unix time, seconds. */
      readonly deadline: number
      /** Whether the chain has it, or it came from the aggregator, signed by its requester. */
      readonly source: 'chain' | 'aggregator'
    }
  /** A signed request is not worth any work. Nothing of it is kept: it may come again. */
  | {
      readonly type: 'refused'
      readonly requestId: Hex
      readonly reason: SkipReason
      readonly details: string | undefined
    }
  /** The payloads are there. */
  | { readonly type: 'fetched'; readonly requestId: Hex }
  /** The verdict is reached, signed and stored. */
  | {
      readonly type: 'verified'
      readonly requestId: Hex
      readonly verdict: 'valid' | 'invalid'
      /** Basis points. */
      readonly confidence: number
      /** Milliseconds that fetching and verifying took. */
      readonly ms: number
    }
  | { readonly type: 'committed'; readonly requestId: Hex; readonly hash: Hash }
  /** The aggregator has the vote, after a quorum of operators had committed to theirs. */
  | { readonly type: 'revealed'; readonly requestId: Hex }
  /** The vote is in a block. `hash`: of the transaction, whoever sent it. */
  | { readonly type: 'attested'; readonly requestId: Hex; readonly hash: Hash }
  | {
      readonly type: 'skipped'
      readonly requestId: Hex
      readonly reason: SkipReason
      readonly details: string | undefined
    }
  | {
      readonly type: 'settled'
      readonly requestId: Hex
      readonly status: OutcomeStatus
      readonly votedWithOutcome: boolean
    }
  /** The chain was replaced after the block; what came after it is read again. */
  | { readonly type: 'reorg'; readonly blockNumber: bigint }
  /** Something failed. With `retryInMs` it is tried again. The error is as thrown, and may name the node's address. */
  | {
      readonly type: 'error'
      readonly error: unknown
      readonly requestId?: Hex
      readonly retryInMs?: number
    }
  | { readonly type: 'stopped' }

/** Least fee to work for: by asset, where an asset that is not named is not worked for; or as a function decides. */
export type MinimumFee =
  | { readonly [asset: Address]: bigint }
  | ((parameters: { readonly request: Request; readonly job: Job }) => bigint | Promise<bigint>)

/**
 * Most that the unsettled signed requests of one requester may come to, reward and fee, in the asset's smallest unit: by
 * asset, where an asset that is not named gets no credit; or as a function decides.
 */
export type Exposure =
  | { readonly [asset: Address]: bigint }
  | ((parameters: { readonly request: Request; readonly job: Job }) => bigint | Promise<bigint>)

/** What an operator is made of. */
export type OperatorConfig = {
  /** Reads the chain and sends transactions; its account pays. */
  readonly client: OperatorClient
  readonly deployment: Deployment
  /** The operator in EigenLayer; on an L2, its signing address. Default: the client's account. */
  readonly operator?: Address | undefined
  /** The signing key that is registered in the KeyRegistrar. Default: the client's account, which must be local then. */
  readonly signer?: LocalAccount | undefined
  /**
   * Where payloads and weights come from, and evidence goes to, right before its vote becomes public. Payloads published
   * on chain are read there first.
   */
  readonly payloads: PayloadStore
  /** What survives a restart. One operator at a time; never two copies. */
  readonly store: OperatorStore
  readonly verifiers: readonly Verifier[]
  readonly runners: readonly RunnerFactory[]
  /** Requests to verify at the same time; at least 1. Default: 4. */
  readonly concurrency?: number | undefined
  /** Milliseconds between looks for new blocks. Default: the client's. */
  readonly pollingInterval?: number | undefined
  /** Blocks to wait for before reading one, its own included; 1 reads the newest. Default: 1. */
  readonly confirmations?: number | undefined
  /** Milliseconds that fetching and verifying one request may take; its deadline bounds it, too. Default: 120 000. */
  readonly jobTimeout?: number | undefined
  /** Seconds before the deadline in which no verification is begun. Default: 3. */
  readonly deadlineMargin?: number | undefined
  /** Compared with a request's whole verification fee. Default: 0 in every asset. */
  readonly minimumFee?: MinimumFee | undefined
  /** Most bytes of an input or an output, chunks included; of a batch, of each item's. Default: 64 MiB. */
  readonly maxPayloadBytes?: number | undefined
  /** Most bytes of the items of a batch that are fetched, together. Default: 1 GiB. */
  readonly maxBatchBytes?: number | undefined
  /** Most blocks to ask events of at once; less is asked for while the node refuses. Default: 2000. */
  readonly blockRange?: bigint | undefined
  /** Milliseconds after which a transaction that is not mined is sent again with higher fees. Default: 60 000. */
  readonly stallTimeout?: number | undefined
  /**
   * Milliseconds that a vote waits for others at most, to be submitted with them in one transaction, and only while
   * other requests are being verified; 0 to send each alone. Default: 1000.
   */
  readonly voteInterval?: number | undefined
  /**
   * Collects the votes of operators, so that few transactions carry many of them, and passes on requests that their
   * requesters signed. Not trusted: a vote is revealed to it only after a quorum has committed, and submitted without it
   * where it fails. Default: none.
   */
  readonly aggregator?: AggregatorClient | undefined
  /**
   * Milliseconds that the aggregator may take over one vote: to collect the commitments and take the vote, and again until
   * the vote is on chain. Then an open request's vote is submitted without it; for a signed one it is asked again.
   * Default: 30 000.
   */
  readonly aggregatorTimeout?: number | undefined
  /** Seconds before the deadline of an open request from which no aggregator is waited for. Default: 60. */
  readonly aggregatorMargin?: number | undefined
  /** A limit to the credit of requesters, below what their deposit covers. Default: what it covers. */
  readonly exposure?: Exposure | undefined
  readonly logger?: Logger | undefined
  /** Told what the operator does, and what fails. */
  readonly onEvent?: ((event: OperatorEvent) => void) | undefined
}

/** How a running operator is doing. */
export type OperatorProgress = {
  /** The newest block that was seen. */
  readonly head: bigint
  /** The last block whose events were taken in. */
  readonly cursor: bigint
  /** Requests that are not finished, by where the operator is with them. */
  readonly requests: { readonly [status in Exclude<RequestState['status'], 'settled' | 'skipped'>]: number }
  /** Of these, signed requests that the chain has not seen. */
  readonly signed: number
  /** Verifications under way. */
  readonly verifying: number
  /** Transactions that are not mined yet. */
  readonly transactions: number
}

/** Whether an operator runs, and how it is doing. */
export type OperatorStatus =
  | { readonly phase: 'idle' | 'starting' }
  | ({ readonly phase: 'running' | 'stopping' } & OperatorProgress)

/** Fees that were claimed in one transaction. */
export type FeeClaim = {
  readonly transactionHash: Hash
  readonly asset: Address
  /** In the asset's smallest unit. */
  readonly amount: bigint
  readonly requestIds: readonly Hex[]
}

/** An operator of the market. Built by `createOperator`. */
export type Operator = {
  /**
   * Works until the signal aborts, then finishes what cannot be interrupted, closes the store and resolves. Goes on
   * where the last run on the same store stopped.
   *
   * Rejects if it cannot start (`OperatorRunningError`, what `OperatorStore.open` throws, a deployment that does not
   * match the chain), or cannot go on, since the store fails. Failures of single requests, and of the node, are
   * reported by `onEvent`, and tried again.
   */
  run(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** How it is doing now. */
  status(): OperatorStatus
  /**
   * Claims the fees of all final requests on which the operator voted with the outcome. They become earnings of the
   * operator, see `withdrawEarnings`. Throws an `OperatorNotRunningError` unless it runs.
   */
  claimFees(): Promise<FeeClaim[]>
}
