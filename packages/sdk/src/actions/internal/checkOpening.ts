import type { Client, Hex } from 'viem'
import { simulateContract } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import { InvalidRequesterSignatureError } from '../../errors/avs.ts'
import { withContractErrors } from '../../errors/contract.ts'
import { hashRequest, type Job, type Request } from '../../utils/typedData.ts'
import { isSignatureOf } from './isSignatureOf.ts'

/**
 * Asks the contract whether it would open a request against its requester's deposit, in the state after a block:
 * everything but the requester's signature.
 *
 * @throws The contract's error.
 */
export async function checkOpening(
  client: Client,
  {
    deployment,
    request,
    job,
    consent = '0x',
    blockNumber,
  }: {
    deployment: Deployment
    request: Request
    job: Job
    consent?: Hex | undefined
    blockNumber?: bigint | undefined
  },
): Promise<void> {
  await withContractErrors(
    simulateContract(client, {
      account: request.requester,
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.requestInferenceVerification,
      functionName: 'requestInferenceVerification',
      args: [request, job, { fromDeposit: true, consent, input: '0x', output: '0x' }],
      ...(blockNumber === undefined ? {} : { blockNumber }),
    }),
  )
}

/**
 * Makes sure that the requester signed its request, as the contract does: by ECDSA, or else by its wallet (ERC-1271).
 *
 * @throws `InvalidRequesterSignatureError`
 */
export async function checkRequesterSignature(
  client: Client,
  { deployment, request, requesterSignature }: { deployment: Deployment; request: Request; requesterSignature: Hex },
): Promise<void> {
  const requestId = hashRequest({ deployment, request })
  const { requester } = request
  if (await isSignatureOf(client, { signer: requester, digest: requestId, signature: requesterSignature })) return
  throw new InvalidRequesterSignatureError({ requestId, requester })
}
