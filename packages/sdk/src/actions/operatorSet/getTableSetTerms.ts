import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import * as operatorTableSetAbi from '../../abis/calls/operatorTableSet.ts'
import { withContractErrors } from '../../errors/contract.ts'
import { readTableSource } from '../internal/readTableSource.ts'
import { requireOperatorSetKind } from '../internal/requireOperatorSetKind.ts'
import type { DeploymentParameter, ReadErrorType } from '../types.ts'

/**
 * Reads where a deployment on an L2 has its operators from, and the terms on which their weights count. They never
 * change.
 *
 * @throws `OperatorSetKindMismatchError`: the deployment knows its operators without tables
 *
 * @example
 * const { operatorSet, slashable } = await getTableSetTerms(client, { deployment })
 */
export async function getTableSetTerms(
  client: Client,
  { deployment }: getTableSetTerms.Parameters,
): Promise<getTableSetTerms.ReturnType> {
  await requireOperatorSetKind(client, deployment, 'tables')
  const termsAbi = [
    ...operatorTableSetAbi.getMultipliers,
    ...operatorTableSetAbi.minWeight,
    ...operatorTableSetAbi.slashabilityHorizon,
    ...operatorTableSetAbi.slashable,
    ...operatorTableSetAbi.maxReferenceAge,
    ...operatorTableSetAbi.supersededGrace,
    ...operatorTableSetAbi.maxRequestLifetime,
    ...operatorTableSetAbi.weightLookahead,
  ] as const
  const set = { address: deployment.operatorSet, abi: termsAbi } as const
  const [source, multipliers, minWeight, slashabilityHorizon, slashable] = await withContractErrors(
    Promise.all([
      readTableSource(client, deployment),
      readContract(client, { ...set, functionName: 'getMultipliers' }),
      readContract(client, { ...set, functionName: 'minWeight' }),
      readContract(client, { ...set, functionName: 'slashabilityHorizon' }),
      readContract(client, { ...set, functionName: 'slashable' }),
    ]),
  )
  const [maxReferenceAge, supersededGrace, maxRequestLifetime, weightLookahead] = await withContractErrors(
    Promise.all([
      readContract(client, { ...set, functionName: 'maxReferenceAge' }),
      readContract(client, { ...set, functionName: 'supersededGrace' }),
      readContract(client, { ...set, functionName: 'maxRequestLifetime' }),
      readContract(client, { ...set, functionName: 'weightLookahead' }),
    ]),
  )
  return {
    ...source,
    multipliers,
    minWeight,
    maxReferenceAge,
    supersededGrace,
    maxRequestLifetime,
    weightLookahead,
    slashabilityHorizon,
    slashable,
  }
}

export declare namespace getTableSetTerms {
  type Parameters = DeploymentParameter
  type ReturnType = {
    /** EigenLayer's ECDSACertificateVerifier, which the tables are posted to. */
    certificateVerifier: Address
    /** The operator set on L1 that the tables are of. */
    operatorSet: { avs: Address; id: number }
    /** Weight per unit of each kind of stake in the tables, 1e18 = 1. */
    multipliers: readonly bigint[]
    /** Least weight to hold an index. */
    minWeight: bigint
    /** Seconds that a reference may lie in the past. */
    maxReferenceAge: number
    /** Seconds for which a table may still be referred to after the timestamp of the next one. */
    supersededGrace: number
    /** Seconds that a request may run. */
    maxRequestLifetime: number
    /** Seconds after its timestamp for which the stake in a table stays slashable on L1, as the deployer says. */
    weightLookahead: number
    /** Seconds after a table's timestamp for which slashing must succeed. */
    slashabilityHorizon: number
    /** Whether everyone who can vote can also be slashed on L1. */
    slashable: boolean
  }
  type ErrorType = ReadErrorType | requireOperatorSetKind.ErrorType
}
