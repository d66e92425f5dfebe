import { type Address, encodeFunctionData, type Hex, parseEventLogs } from 'viem'
import * as proofOfInferenceAvsAbi from '../abis/calls/proofOfInferenceAvs.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { transition } from './machine.ts'
import type { OperatorStore, RequestRecord } from './store.ts'
import type { TransactionSender } from './transactions.ts'
import type { FeeClaim } from './types.ts'

/** Requests in one transaction, so that it fits any block. */
const batchSize = 100

/** Claims what is claimable, an asset and a batch a transaction, and notes each in the store once it is mined. */
export async function claimAllFees({
  deployment,
  operator,
  store,
  sender,
  signal,
}: {
  deployment: Deployment
  operator: Address
  store: OperatorStore
  sender: TransactionSender
  signal: AbortSignal
}): Promise<FeeClaim[]> {
  const claims: FeeClaim[] = []
  for (const { asset, records } of toBatches(await store.getRequests('unclaimed'))) {
    const requests = records.map(({ request }) => request)
    const data = encodeFunctionData({
      abi: proofOfInferenceAvsAbi.claimFees,
      functionName: 'claimFees',
      args: [operator, requests],
    })
    const receipt = await sender.send({ to: deployment.avs, data }, { signal, isWanted: () => !signal.aborted })
    await store.write({
      put: records.map((record) => ({ ...record, state: transition(record.state, { type: 'feesClaimed' }) })),
    })
    const events = parseEventLogs({
      abi: proofOfInferenceAvsAbi.FeesClaimed,
      eventName: 'FeesClaimed',
      logs: receipt.logs.filter(({ address }) => isSame(address, deployment.avs)),
      args: { operator },
    })
    claims.push({
      transactionHash: receipt.transactionHash,
      asset,
      amount: events.reduce((sum, { args }) => sum + args.amount, 0n),
      requestIds: records.map(({ requestId }) => requestId),
    })
  }
  return claims
}

function toBatches(records: readonly RequestRecord[]): { asset: Address; records: RequestRecord[] }[] {
  const batches: { asset: Address; records: RequestRecord[] }[] = []
  for (const record of records) {
    const { asset } = record.request
    const batch = batches.find((each) => isSame(each.asset, asset) && each.records.length < batchSize)
    if (batch) batch.records.push(record)
    else batches.push({ asset, records: [record] })
  }
  return batches
}

function isSame(a: Hex, b: Hex): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
