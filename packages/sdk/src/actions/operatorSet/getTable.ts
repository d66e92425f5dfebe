import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { ecdsaCertificateVerifierAbi } from '../../abis/eigenlayer.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { TableNotLoadedError, TimepointNotPastError } from '../../errors/operatorSet.ts'
import { readTableSource } from '../internal/readTableSource.ts'
import { requireOperatorSetKind } from '../internal/requireOperatorSetKind.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'
import { getTotalWeight } from './getTotalWeight.ts'
import { getVoter } from './getVoter.ts'

/**
 * Reads the operators of a loaded table, and their weights, on an L2. Who was posted with less than the least weight
 * holds no index, and is not among them.
 *
 * @throws `TableNotLoadedError`, `TimepointNotPastError`; `OperatorSetKindMismatchError`: the deployment knows its
 * operators without tables
 *
 * @example
 * const { operators, totalWeight } = await getTable(client, { deployment, timepoint: request.referenceTimepoint })
 */
export async function getTable(client: Client, parameters: getTable.Parameters): Promise<getTable.ReturnType> {
  const { deployment, blockNumber, timepoint } = parameters
  await requireOperatorSetKind(client, deployment, 'tables')
  const [totalWeight, { certificateVerifier, operatorSet }] = await Promise.all([
    getTotalWeight(client, { deployment, blockNumber, timepoint }),
    readTableSource(client, deployment),
  ])
  // Says who may be in the table; what counts is the set's own copy.
  const posted = await withContractErrors(
    readContract(client, {
      address: certificateVerifier,
      abi: ecdsaCertificateVerifierAbi,
      functionName: 'getOperatorInfos',
      args: [operatorSet, timepoint],
      blockNumber,
    }),
  )
  const voters = await Promise.all(
    posted.map(async ({ pubkey: operator }) => ({
      operator,
      ...(await getVoter(client, { deployment, blockNumber, operator, timepoint })),
    })),
  )
  const operators = voters
    .filter(({ canVote }) => canVote)
    .map(({ operator, index, weight }) => ({ operator, index, weight }))
    .sort((a, b) => a.index - b.index)
  return { timepoint, totalWeight, operators }
}

export declare namespace getTable {
  type BoundParameters = ReadParameters & {
    /** The timestamp of a loaded table, see `getLatestTable`. */
    timepoint: number
  }
  type Parameters = BoundParameters & DeploymentParameter
  type Operator = {
    /** The signing address, which is what an operator goes by on an L2. */
    operator: Address
    index: number
    weight: bigint
  }
  type ReturnType = {
    timepoint: number
    totalWeight: bigint
    /** By index: the heaviest first. */
    operators: Operator[]
  }
  type ErrorType = ReadErrorType | requireOperatorSetKind.ErrorType | TableNotLoadedError | TimepointNotPastError
}
