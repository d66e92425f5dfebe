import { type ContractFunctionArgs, encodeAbiParameters, type Hex, hexToBigInt, keccak256, toHex } from 'viem'
import type { proofOfInferenceAvsAbi } from '../abis/generated.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { RegistryMissingError } from '../errors/receipts.ts'
import { hashJob, type Job } from './typedData.ts'

/**
 * How a receipt is bound to its job: `subjectHash` and `minScore` of the 4Mica guarantee whose validation request it
 * answers.
 */
export type Binding = ContractFunctionArgs<typeof proofOfInferenceAvsAbi, 'nonpayable', 'postReceipt'>[1]

/** The tag of every receipt, and of the feedback that goes with it. */
export const receiptTag = 'proof-of-inference'

/** That of a receipt that answers the jobId itself. */
export const ownBinding: Binding = { subjectHash: `0x${'00'.repeat(32)}`, minScore: 0 }

const guaranteeTypeHash = keccak256(toHex('4MICA_VALIDATION_REQUEST_V2'))

/**
 * The hash that is filed in the ERC-8004 ValidationRegistry for a job: its jobId; or with the binding of a 4Mica
 * guarantee, the guarantee's validation request hash (version 2), with the AVS as the validator, the job's agent, and
 * the tag of receipts.
 *
 * @param parameters.binding `subjectHash`: 4Mica's hash of the guarantee's tab, parties, amount, asset and time; zero is
 * no guarantee. `minScore`: the least response for which it pays, 0..100.
 * @throws `RegistryMissingError`
 *
 * @example
 * const requestHash = hashValidationRequest({ deployment, job, binding: { subjectHash, minScore: 80 } })
 */
export function hashValidationRequest({
  deployment,
  job,
  binding = ownBinding,
}: {
  deployment: Pick<Deployment, 'chainId' | 'avs' | 'validationRegistry'>
  job: Job
  binding?: Binding | undefined
}): Hex {
  const { chainId, avs, validationRegistry } = deployment
  if (validationRegistry === null) throw new RegistryMissingError({})
  const jobId = hashJob({ deployment, job })
  if (hexToBigInt(binding.subjectHash) === 0n) return jobId
  return keccak256(
    encodeAbiParameters(
      [
        { type: 'bytes32' },
        { type: 'uint256' },
        { type: 'address' },
        { type: 'address' },
        { type: 'uint256' },
        { type: 'bytes32' },
        { type: 'uint8' },
        { type: 'bytes32' },
        { type: 'bytes32' },
      ],
      [
        guaranteeTypeHash,
        BigInt(chainId),
        validationRegistry,
        avs,
        job.agentId,
        binding.subjectHash,
        binding.minScore,
        keccak256(toHex(receiptTag)),
        jobId,
      ],
    ),
  )
}
