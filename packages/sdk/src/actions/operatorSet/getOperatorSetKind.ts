import type { Client } from 'viem'
import { readContract } from 'viem/actions'
import * as operatorRegistrarAbi from '../../abis/calls/operatorRegistrar.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { createCheckCache } from '../../deployments/checkCache.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import { type OperatorSetKind, UnknownClockModeError } from '../../errors/operatorSet.ts'
import type { DeploymentParameter, ReadErrorType } from '../types.ts'

/** By ERC-6372's `CLOCK_MODE`. */
const kinds: { readonly [clockMode: string]: OperatorSetKind } = {
  'mode=blocknumber&from=default': 'registrar',
  'mode=timestamp': 'tables',
}

const readOnce = createCheckCache<OperatorSetKind>()

/**
 * Reads how a deployment knows its operators, from the clock of its operator set. A client asks the node once.
 *
 * @returns `'registrar'` on L1: they are members of EigenLayer's operator set, and timepoints are block numbers.
 * `'tables'` on an L2: they are in the tables that EigenLayer posts there, an operator is its signing address, and
 * timepoints are the timestamps of loaded tables, unix time in seconds.
 * @throws `UnknownClockModeError`
 *
 * @example
 * if ((await getOperatorSetKind(client, { deployment })) === 'tables') await loadTable(client, { deployment })
 */
export async function getOperatorSetKind(
  client: Client,
  { deployment }: getOperatorSetKind.Parameters,
): Promise<getOperatorSetKind.ReturnType> {
  await assertDeployment(client, deployment)
  return readOnce(client, `${deployment.chainId}/${deployment.operatorSet}`, () => readKind(client, deployment))
}

export declare namespace getOperatorSetKind {
  type Parameters = DeploymentParameter
  type ReturnType = OperatorSetKind
  type ErrorType = ReadErrorType | UnknownClockModeError
}

async function readKind(client: Client, { operatorSet }: Deployment): Promise<OperatorSetKind> {
  // Of ERC-6372, hence of both kinds.
  const clockMode = await withContractErrors(
    readContract(client, { address: operatorSet, abi: operatorRegistrarAbi.CLOCK_MODE, functionName: 'CLOCK_MODE' }),
  )
  const kind = kinds[clockMode]
  if (kind === undefined) throw new UnknownClockModeError({ operatorSet, clockMode })
  return kind
}
