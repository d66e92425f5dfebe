import type { Address, Client, GetContractEventsErrorType, Hex } from 'viem'
import { getContractEvents } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { readVerdict, toSignature } from '../../utils/vote.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import type { BlockRangeParameters, DeploymentParameter, EventPosition } from '../types.ts'

/**
 * Reads the attestations that were accepted for a request, in their order.
 *
 * @returns `confidence` in basis points; `weight` in the unit of the operator set; `isCounted` is false for a committed
 * vote that was revealed after the request was final.
 *
 * @example
 * const attestations = await getAttestations(client, { deployment, requestId })
 */
export async function getAttestations(
  client: Client,
  parameters: getAttestations.Parameters,
): Promise<getAttestations.ReturnType> {
  const { deployment, requestId } = parameters
  await assertDeployment(client, deployment)
  const { ranges } = await getBlockRanges(client, parameters)
  const attestations: getAttestations.SubmittedAttestation[] = []
  for (const range of ranges) {
    const events = await getContractEvents(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.VerificationSubmitted,
      eventName: 'VerificationSubmitted',
      args: { requestId },
      strict: true,
      ...range,
    })
    for (const { args, blockNumber, logIndex, transactionHash } of events) {
      const { r, vs, verdict, ...rest } = args
      const attestation = { ...rest, ...readVerdict(verdict), signature: toSignature({ r, vs }) }
      attestations.push({ ...attestation, blockNumber, logIndex, transactionHash })
    }
  }
  return attestations
}

export declare namespace getAttestations {
  type BoundParameters = BlockRangeParameters & {
    requestId: Hex
  }
  type Parameters = BoundParameters & DeploymentParameter
  type SubmittedAttestation = EventPosition & {
    requestId: Hex
    operator: Address
    /** The verdict as signed. */
    isValid: boolean
    confidence: number
    weight: bigint
    evidenceDigest: Hex
    /** 65 bytes, of the operator's signing key over the attestation's EIP-712 digest. */
    signature: Hex
    isCounted: boolean
  }
  type ReturnType = SubmittedAttestation[]
  type ErrorType = assertDeployment.ErrorType | getBlockRanges.ErrorType | GetContractEventsErrorType
}
