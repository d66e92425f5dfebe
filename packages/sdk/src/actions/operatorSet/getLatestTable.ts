import type { Client } from 'viem'
import { getBlockNumber, readContract } from 'viem/actions'
import * as operatorTableSetAbi from '../../abis/calls/operatorTableSet.ts'
import { ecdsaCertificateVerifierAbi } from '../../abis/eigenlayer.ts'
import { withContractErrors } from '../../errors/contract.ts'
import { readTableSource } from '../internal/readTableSource.ts'
import { requireOperatorSetKind } from '../internal/requireOperatorSetKind.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads which operator table a deployment on an L2 uses, and which is the newest that EigenLayer posted: where they
 * differ, `loadTable` is due.
 *
 * @throws `OperatorSetKindMismatchError`: the deployment knows its operators without tables
 *
 * @example
 * const { loaded, posted } = await getLatestTable(client, { deployment })
 * if (posted !== null && posted !== loaded) await loadTable(client, { deployment })
 */
export async function getLatestTable(
  client: Client,
  parameters: getLatestTable.Parameters,
): Promise<getLatestTable.ReturnType> {
  const { deployment } = parameters
  await requireOperatorSetKind(client, deployment, 'tables')
  // Of one block, so that the answers agree.
  const blockNumber = parameters.blockNumber ?? (await getBlockNumber(client, { cacheTime: 0 }))
  const { certificateVerifier, operatorSet } = await readTableSource(client, deployment)
  const setAbi = [
    ...operatorTableSetAbi.latestLoaded,
    ...operatorTableSetAbi.clock,
    ...operatorTableSetAbi.maxReferenceAge,
    ...operatorTableSetAbi.isValidReference,
  ] as const
  const set = { address: deployment.operatorSet, abi: setAbi, blockNumber } as const
  const verifier = { address: certificateVerifier, abi: ecdsaCertificateVerifierAbi, blockNumber } as const
  const [loaded, clock, maxReferenceAge, posted, maxStaleness] = await withContractErrors(
    Promise.all([
      readContract(client, { ...set, functionName: 'latestLoaded' }),
      readContract(client, { ...set, functionName: 'clock' }),
      readContract(client, { ...set, functionName: 'maxReferenceAge' }),
      readContract(client, { ...verifier, functionName: 'latestReferenceTimestamp', args: [operatorSet] }),
      readContract(client, { ...verifier, functionName: 'maxOperatorTableStaleness', args: [operatorSet] }),
    ]),
  )
  const isValidReference = await withContractErrors(
    readContract(client, { ...set, functionName: 'isValidReference', args: [loaded] }),
  )
  return {
    loaded: loaded === 0 ? null : loaded,
    posted: posted === 0 ? null : posted,
    isValidReference,
    // EigenLayer says 0 where tables never go stale.
    maxAge: maxStaleness === 0 ? maxReferenceAge : Math.min(maxReferenceAge, maxStaleness),
    clock,
  }
}

export declare namespace getLatestTable {
  type BoundParameters = ReadParameters
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = {
    /** Timestamp of the table that was loaded last; `null` when none was. */
    loaded: number | null
    /** Timestamp of the newest table that EigenLayer posted for the operator set; `null` when it posted none. */
    posted: number | null
    /** Whether a request that is opened now may refer to `loaded`. */
    isValidReference: boolean
    /** Seconds after its timestamp for which a table may be referred to: what the set allows, or less if EigenLayer does. */
    maxAge: number
    /** The time that this holds at: that of the block. */
    clock: number
  }
  type ErrorType = ReadErrorType | requireOperatorSetKind.ErrorType
}
