import { type Client, type Hex, parseAbi } from 'viem'
import { call, simulateContract } from 'viem/actions'
import { encodeFunctionData } from 'viem/utils'
import { proofOfInferenceAvsAbi } from '../../abis/generated.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import { InvalidRequesterSignatureError } from '../../errors/avs.ts'
import { toContractError, withContractErrors } from '../../errors/contract.ts'
import { ContractRevertedError } from '../../errors/transaction.ts'
import { isSameAddress, recoverSigner } from '../../utils/signature.ts'
import { hashRequest, type Job, type Request } from '../../utils/typedData.ts'

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
      abi: proofOfInferenceAvsAbi,
      functionName: 'requestInferenceVerification',
      args: [request, job, { fromDeposit: true, consent, input: '0x', output: '0x' }],
      ...(blockNumber === undefined ? {} : { blockNumber }),
    }),
  )
}

const erc1271Abi = parseAbi(['function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)'])
const erc1271Magic = `0x1626ba7e${'0'.repeat(56)}`
/** What the contract lets a wallet spend on checking a signature. */
const walletGas = 500_000n

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
  if (isSameAddress(await recoverSigner(requestId, requesterSignature), requester)) return
  const data = encodeFunctionData({
    abi: erc1271Abi,
    functionName: 'isValidSignature',
    args: [requestId, requesterSignature],
  })
  try {
    const answer = await call(client, { to: requester, data, gas: walletGas })
    // An account without code answers nothing.
    if (answer.data?.slice(0, 66) === erc1271Magic) return
  } catch (error) {
    if (!(toContractError(error) instanceof ContractRevertedError)) throw error
  }
  throw new InvalidRequesterSignatureError({ requestId, requester })
}
