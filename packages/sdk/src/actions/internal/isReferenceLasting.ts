import type { Client } from 'viem'
import { readContract } from 'viem/actions'
import * as operatorRegistrarAbi from '../../abis/calls/operatorRegistrar.ts'
import * as operatorTableSetAbi from '../../abis/calls/operatorTableSet.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { Request } from '../../utils/typedData.ts'
import { getClock } from '../operatorSet/getClock.ts'
import { getLatestTable } from '../operatorSet/getLatestTable.ts'
import { getOperatorSetKind } from '../operatorSet/getOperatorSetKind.ts'

/**
 * Whether a signed request can still be opened for as long as it takes to settle its certificate, by the age of its
 * reference: half of the time that a reference lasts must be left, or on an L2 what is left until the deadline. The
 * requester picks the reference, and could have operators work for what nobody can settle.
 */
export async function isReferenceLasting(
  client: Client,
  {
    deployment,
    request: { referenceTimepoint, deadline },
  }: { deployment: Deployment; request: Pick<Request, 'referenceTimepoint' | 'deadline'> },
): Promise<boolean> {
  const set = { address: deployment.operatorSet } as const
  if ((await getOperatorSetKind(client, { deployment })) === 'registrar') {
    const [clock, maxAge] = await Promise.all([
      getClock(client, { deployment }),
      withContractErrors(
        readContract(client, { ...set, abi: operatorRegistrarAbi.maxReferenceAge, functionName: 'maxReferenceAge' }),
      ),
    ])
    return clock - referenceTimepoint <= maxAge / 2
  }
  const [{ loaded, posted, maxAge, clock }, grace] = await Promise.all([
    getLatestTable(client, { deployment }),
    withContractErrors(
      readContract(client, { ...set, abi: operatorTableSetAbi.supersededGrace, functionName: 'supersededGrace' }),
    ),
  ])
  if (loaded === null || referenceTimepoint !== loaded) return false
  const isLasting = (from: number, duration: number) => clock - from <= duration / 2 || from + duration >= deadline
  // A newer table, loaded or not, ends the one before after a while.
  const isSuperseded = posted !== null && posted !== loaded
  return isLasting(loaded, maxAge) && (!isSuperseded || isLasting(posted, grace))
}
