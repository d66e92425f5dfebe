import type { Client } from 'viem'
import { readContract } from 'viem/actions'
import * as operatorTableSetAbi from '../../abis/calls/operatorTableSet.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import { withContractErrors } from '../../errors/contract.ts'

/** Where EigenLayer posts the tables of a deployment on an L2, and whose they are: the operator set of the AVS on L1. */
export async function readTableSource(client: Client, { operatorSet: address }: Deployment) {
  const sourceAbi = [
    ...operatorTableSetAbi.certificateVerifier,
    ...operatorTableSetAbi.avs,
    ...operatorTableSetAbi.operatorSetId,
  ] as const
  const contract = { address, abi: sourceAbi } as const
  const [certificateVerifier, avs, id] = await withContractErrors(
    Promise.all([
      readContract(client, { ...contract, functionName: 'certificateVerifier' }),
      readContract(client, { ...contract, functionName: 'avs' }),
      readContract(client, { ...contract, functionName: 'operatorSetId' }),
    ]),
  )
  return { certificateVerifier, operatorSet: { avs, id } }
}
