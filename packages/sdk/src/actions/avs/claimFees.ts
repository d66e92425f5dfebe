import {
  type Account,
  type Address,
  type Chain,
  type Client,
  encodeFunctionData,
  parseEventLogs,
  type Transport,
} from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { RequestNotFinalError } from '../../errors/avs.ts'
import type { Request } from '../../utils/typedData.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Credits an operator's share of the fees of final requests that it voted right on to its earnings. Anyone may send it.
 * What was claimed before, or earned nothing, adds nothing; nor does a request of which there is no record, as one that a
 * certificate settled, whose fees were credited at once.
 *
 * @returns `credits`: what was credited, in the order of the requests; empty when nothing was. Amounts are in the
 * smallest unit of the asset.
 * @throws `RequestNotFinalError` where one of them is open: it may have something to claim later.
 *
 * @example
 * const { credits } = await claimFees(client, { deployment, operator, requests })
 * await withdrawEarnings(client, { deployment, asset: zeroAddress, owner: operator })
 */
export async function claimFees<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: claimFees.Parameters<account>,
): Promise<claimFees.ReturnType> {
  const { deployment, operator, requests } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({
      abi: proofOfInferenceAvsAbi.claimFees,
      functionName: 'claimFees',
      args: [operator, requests],
    }),
  })
  const events = parseEventLogs({ abi: proofOfInferenceAvsAbi.FeesClaimed, eventName: 'FeesClaimed', logs })
  return { ...transaction, credits: events.map(({ args: { asset, amount } }) => ({ asset, amount })) }
}

export declare namespace claimFees {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    operator: Address
    /** Sort them by asset to save gas. */
    requests: readonly Request[]
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { credits: { asset: Address; amount: bigint }[] }
  type ErrorType = executeWrite.ErrorType | RequestNotFinalError
}
