import type {
  Account,
  Address,
  CallErrorType,
  Client,
  EstimateGasErrorType,
  Hash,
  Hex,
  Log,
  SendTransactionErrorType,
} from 'viem'
import { parseAccount } from 'viem/accounts'
import { call, estimateGas, getChainId, sendTransaction } from 'viem/actions'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import { toContractError } from '../../errors/contract.ts'
import { ChainMismatchError } from '../../errors/deployment.ts'
import {
  AccountMissingError,
  type ContractRevertedError,
  type EventMissingError,
  TransactionReplacedError,
  TransactionRevertedError,
} from '../../errors/transaction.ts'
import type { WriteParameters, WriteReturnType } from '../types.ts'
import { waitForReceipt } from './waitForReceipt.ts'

type ContractCall = {
  to: Address
  data: Hex
  value?: bigint | undefined
  /** Gas to allow beyond the estimate, for what others may cause before the transaction is mined. */
  gasHeadroom?: bigint | undefined
}

/** Whose contracts are called. */
type Contracts = {
  chainId: number
  /** Throws unless they are what they should be. */
  assert: () => Promise<unknown>
  /** The error of the SDK for a failed call. */
  toError: (error: unknown) => Promise<unknown>
}

type Executed = { transaction: WriteReturnType; logs: Log<bigint, number, false>[] }

/**
 * Calls a contract of a deployment, see {@link executeCall}.
 *
 * @returns The transaction, and the events of the called contract.
 */
export function executeWrite(
  client: Client,
  parameters: WriteParameters & { deployment: Deployment },
  contractCall: ContractCall,
): Promise<Executed> {
  const { deployment } = parameters
  return executeCall(client, parameters, contractCall, {
    chainId: deployment.chainId,
    assert: () => assertDeployment(client, deployment),
    toError: toContractError,
  })
}

/** Simulates a call, sends it, waits for its receipt and checks that it succeeded. */
export async function executeCall(
  client: Client,
  parameters: WriteParameters,
  { gasHeadroom, ...contractCall }: ContractCall,
  { chainId, assert, toError }: Contracts,
): Promise<Executed> {
  const { confirmations, maxFeePerGas, maxPriorityFeePerGas, nonce } = parameters
  const explain = <result>(promise: Promise<result>): Promise<result> =>
    promise.catch(async (error: unknown) => {
      throw await toError(error)
    })
  const account = toAccount(client, parameters)
  await assert()
  const request = { account, ...contractCall }
  await explain(call(client, request))

  const gas =
    parameters.gas ??
    (gasHeadroom === undefined ? undefined : (await explain(estimateGas(client, request))) + gasHeadroom)
  // Given the chain, viem checks it again right before sending: a wallet may have changed it.
  if (!client.chain) await assertChain(client, chainId)
  const hash = await explain(
    sendTransaction(client, {
      ...request,
      chain: client.chain ?? null,
      ...(gas === undefined ? {} : { gas }),
      ...(nonce === undefined ? {} : { nonce }),
      ...(maxFeePerGas === undefined ? {} : { maxFeePerGas }),
      ...(maxPriorityFeePerGas === undefined ? {} : { maxPriorityFeePerGas }),
    }),
  )
  const receipt = await findReceipt(client, hash, confirmations)
  const { transactionHash, blockNumber, gasUsed } = receipt
  if (receipt.status !== 'success') {
    // What the call is refused with after the block that it failed in.
    const cause = await call(client, { ...request, blockNumber }).then(() => undefined, toError)
    throw new TransactionRevertedError({ transactionHash, blockNumber, cause })
  }
  const logs = receipt.logs.filter(({ address }) => address.toLowerCase() === contractCall.to.toLowerCase())
  return { transaction: { transactionHash, blockNumber, gasUsed }, logs }
}

export declare namespace executeWrite {
  type ErrorType =
    | assertDeployment.ErrorType
    | AccountMissingError
    | ContractRevertedError
    | EventMissingError
    | TransactionReplacedError
    | TransactionRevertedError
    | CallErrorType
    | EstimateGasErrorType
    | SendTransactionErrorType
    | waitForReceipt.ErrorType
}

/** Who sends or signs. */
export function toAccount(client: Client, parameters: { account?: Account | Address | undefined }): Account {
  const account = parameters.account ?? client.account
  if (account === undefined) throw new AccountMissingError()
  return parseAccount(account)
}

async function assertChain(client: Client, chainId: number): Promise<void> {
  const actual = await getChainId(client)
  if (actual !== chainId) throw new ChainMismatchError({ expected: chainId, actual })
}

/** Of the transaction, or of the same one at another price. */
async function findReceipt(client: Client, hash: Hash, confirmations: number | undefined) {
  let replacement: { hash: Hash; reason: 'cancelled' | 'replaced' | 'repriced' } | undefined
  const receipt = await waitForReceipt(client, {
    hash,
    ...(confirmations === undefined ? {} : { confirmations }),
    onReplaced({ reason, transaction }) {
      replacement = { hash: transaction.hash, reason }
    },
  })
  if (replacement && replacement.reason !== 'repriced') {
    const { reason } = replacement
    throw new TransactionReplacedError({ transactionHash: hash, replacementHash: replacement.hash, reason })
  }
  return receipt
}
