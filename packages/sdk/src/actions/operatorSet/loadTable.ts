import { type Account, type Chain, type Client, encodeFunctionData, parseEventLogs, type Transport } from 'viem'
import * as operatorTableSetAbi from '../../abis/calls/operatorTableSet.ts'
import {
  type DuplicateOperatorError,
  NoCurrentTableError,
  type NotLatestTableError,
  type TableAlreadyLoadedError,
  type TableRootDisabledError,
  type TableWithoutWeightError,
  type WeightsMismatchError,
  type ZeroOperatorError,
} from '../../errors/operatorSet.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import { requireOperatorSetKind } from '../internal/requireOperatorSetKind.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'
import { getLatestTable } from './getLatestTable.ts'
import type { getTable } from './getTable.ts'

/**
 * Copies the newest operator table that EigenLayer posted on an L2, so that requests can refer to it. Anyone may send it,
 * once per table; requests are refused while a table is posted and not loaded for longer than the set's grace period.
 *
 * @returns The operators that hold an index in it, with their weights.
 * @throws `TableAlreadyLoadedError`: somebody else was first; `NoCurrentTableError`: none was posted;
 * `NotLatestTableError`, `OperatorSetKindMismatchError`, `TableRootDisabledError`, `TableWithoutWeightError`;
 * `DuplicateOperatorError`, `WeightsMismatchError`, `ZeroOperatorError`: the table is none of EigenLayer's calculator,
 * or the deployment has multipliers for other kinds of stake
 *
 * @example
 * const { timepoint, operators } = await loadTable(client, { deployment })
 */
export async function loadTable<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: loadTable.Parameters<account>,
): Promise<loadTable.ReturnType> {
  const { deployment } = parameters
  await requireOperatorSetKind(client, deployment, 'tables')
  const timepoint = parameters.timepoint ?? (await readPosted(client, deployment))
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.operatorSet,
    data: encodeFunctionData({ abi: operatorTableSetAbi.loadTable, functionName: 'loadTable', args: [timepoint] }),
  })
  const eventName = 'TableLoaded'
  const events = parseEventLogs({ abi: operatorTableSetAbi.TableLoaded, eventName, logs })
  const { totalWeight, operators, weights } = firstEvent(events, { eventName, ...transaction })
  // As many weights as operators, by index.
  const entries = operators.flatMap((operator, index) => {
    const weight = weights[index]
    return weight === undefined ? [] : [{ operator, index, weight }]
  })
  return { ...transaction, timepoint, totalWeight, operators: entries }
}

export declare namespace loadTable {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** The table's timestamp, unix time in seconds; only the newest posted one can be loaded. Default: that one. */
    timepoint?: number | undefined
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & getTable.ReturnType
  type ErrorType =
    | executeWrite.ErrorType
    | getLatestTable.ErrorType
    | DuplicateOperatorError
    | NoCurrentTableError
    | NotLatestTableError
    | TableAlreadyLoadedError
    | TableRootDisabledError
    | TableWithoutWeightError
    | WeightsMismatchError
    | ZeroOperatorError
}

async function readPosted(client: Client, deployment: DeploymentParameter['deployment']): Promise<number> {
  const { isValidReference: _, ...table } = await getLatestTable(client, { deployment })
  if (table.posted === null) throw new NoCurrentTableError(table)
  return table.posted
}
