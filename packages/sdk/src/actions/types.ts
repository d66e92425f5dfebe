import type { Account, Address, Hash, ReadContractErrorType } from 'viem'
import type { assertDeployment } from '../deployments/assertDeployment.ts'
import type { Deployment } from '../deployments/deployment.ts'
import type { ContractRevertedError } from '../errors/transaction.ts'

/** What every action takes; `proofOfInferenceActions` binds it. */
export type DeploymentParameter = {
  /** Where the contracts are; checked against the chain before first use. */
  deployment: Deployment
}

/** What every action takes that only reads. */
export type ReadParameters = {
  /** The state to read: that after this block. Default: the latest one. */
  blockNumber?: bigint | undefined
}

/** Who sends or signs. Required where the client has no account. */
export type AccountParameter<account extends Account | undefined = Account | undefined> = [account] extends [undefined]
  ? { account: Account | Address }
  : { account?: Account | Address | undefined }

/** What every action takes that sends a transaction. */
export type WriteParameters<account extends Account | undefined = Account | undefined> = AccountParameter<account> & {
  /** Blocks to wait for, the transaction's own included. Default: 1. */
  confirmations?: number | undefined
  /** Gas limit. Default: estimated. */
  gas?: bigint | undefined
  /** In wei. Default: estimated. */
  maxFeePerGas?: bigint | undefined
  /** In wei. Default: estimated. */
  maxPriorityFeePerGas?: bigint | undefined
  /** Default: the account's next one. */
  nonce?: number | undefined
}

/** What every action returns that sends a transaction, once it succeeded. */
export type WriteReturnType = {
  transactionHash: Hash
  blockNumber: bigint
  gasUsed: bigint
}

/** The blocks to search for events, and how many a query may span. */
export type BlockRangeParameters = {
  /** Default: the block of the deployment. */
  fromBlock?: bigint | undefined
  /** Included. Default: the latest block. */
  toBlock?: bigint | undefined
  /** Most blocks a query may span, as the RPC endpoint allows; at least 1. Default: 2000. */
  blocksPerQuery?: bigint | undefined
}

/** Where an event stands in the chain. */
export type EventPosition = {
  blockNumber: bigint
  logIndex: number
  transactionHash: Hash
}

/** What every action may throw that only reads. */
export type ReadErrorType = assertDeployment.ErrorType | ContractRevertedError | ReadContractErrorType
