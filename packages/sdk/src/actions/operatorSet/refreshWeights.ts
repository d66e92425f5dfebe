import {
  type Account,
  type Address,
  type Chain,
  type Client,
  encodeFunctionData,
  parseEventLogs,
  type Transport,
} from 'viem'
import * as operatorRegistrarAbi from '../../abis/calls/operatorRegistrar.ts'
import type { NotMemberError } from '../../errors/operatorSet.ts'
import { checkpointGas } from '../internal/checkpointGas.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { requireOperatorSetKind } from '../internal/requireOperatorSetKind.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Checkpoints the present weights and signing keys of operators, so that they can vote on requests with a later
 * reference. Anyone may send it.
 *
 * @returns `checkpoints`: what was recorded, including for operators that lost their index to one of these. An operator
 * without an index (`isSeated: false`) has weight 0.
 * @throws `NotMemberError`; `OperatorSetKindMismatchError`: on an L2 `loadTable` does it
 *
 * @example
 * await refreshWeights(client, { deployment, operators: [operator] })
 */
export async function refreshWeights<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: refreshWeights.Parameters<account>,
): Promise<refreshWeights.ReturnType> {
  const { deployment, operators } = parameters
  await requireOperatorSetKind(client, deployment, 'registrar')
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.operatorSet,
    data: encodeFunctionData({ abi: operatorRegistrarAbi.refresh, functionName: 'refresh', args: [operators] }),
    gasHeadroom: checkpointGas * BigInt(operators.length),
  })
  const events = parseEventLogs({
    abi: operatorRegistrarAbi.OperatorCheckpointed,
    eventName: 'OperatorCheckpointed',
    logs,
  })
  return { ...transaction, checkpoints: events.map(({ args }) => args) }
}

export declare namespace refreshWeights {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** Members of the operator set. */
    operators: readonly Address[]
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type Checkpoint = {
    operator: Address
    isSeated: boolean
    index: number
    weight: bigint
    signingKey: Address
  }
  type ReturnType = WriteReturnType & { checkpoints: Checkpoint[] }
  type ErrorType = executeWrite.ErrorType | requireOperatorSetKind.ErrorType | NotMemberError
}
