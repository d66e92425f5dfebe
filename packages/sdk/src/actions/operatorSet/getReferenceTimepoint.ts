import type { Client } from 'viem'
import { NoCurrentTableError } from '../../errors/operatorSet.ts'
import type { DeploymentParameter, ReadParameters } from '../types.ts'
import { getClock } from './getClock.ts'
import { getLatestTable } from './getLatestTable.ts'
import { getOperatorSetKind } from './getOperatorSetKind.ts'

/**
 * Reads the latest timepoint that a request can refer to: on L1 the block before the present one, on an L2 the timestamp
 * of the table that was loaded last.
 *
 * @throws `NoCurrentTableError`: no request can be opened on the L2 until a newer table is loaded, or posted
 *
 * @example
 * const referenceTimepoint = await getReferenceTimepoint(client, { deployment })
 */
export async function getReferenceTimepoint(
  client: Client,
  parameters: getReferenceTimepoint.Parameters,
): Promise<getReferenceTimepoint.ReturnType> {
  const { deployment } = parameters
  const kind = await getOperatorSetKind(client, { deployment })
  if (kind === 'registrar') return (await getClock(client, parameters)) - 1
  const { isValidReference, ...table } = await getLatestTable(client, parameters)
  if (isValidReference && table.loaded !== null) return table.loaded
  throw new NoCurrentTableError(table)
}

export declare namespace getReferenceTimepoint {
  type BoundParameters = ReadParameters
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = number
  type ErrorType = getClock.ErrorType | getLatestTable.ErrorType | getOperatorSetKind.ErrorType | NoCurrentTableError
}
