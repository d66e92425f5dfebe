import { type Account, type Chain, type Client, encodeFunctionData, type Hex, type Transport } from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { Job, Request } from '../../utils/typedData.ts'
import { hashRequest } from '../../utils/typedData.ts'
import { type SignedAttestation, toVote } from '../../utils/vote.ts'
import { type BallotResult, ballotGas, readBallotResults } from '../internal/ballotResults.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Opens, decides and settles requests that their requesters signed, by votes that were collected off chain, each against
 * its requester's deposit. Anyone may send it. What cannot be settled is skipped and leaves the others as they are; its
 * result has the reason.
 *
 * @returns `results`: of each certificate, in their order.
 * @throws Only what concerns the transaction as a whole.
 *
 * @example
 * const { results } = await settleCertificates(client, { deployment, certificates: [certificate] })
 * if (results[0]?.status === 'verified') console.log('paid')
 */
export async function settleCertificates<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: settleCertificates.Parameters<account>,
): Promise<settleCertificates.ReturnType> {
  const { deployment, certificates } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeSettleCertificates(certificates),
    gasHeadroom: ballotGas,
  })
  const requestIds = certificates.map(({ request }) => hashRequest({ deployment, request }))
  return { ...transaction, results: await readBallotResults(logs, requestIds) }
}

/**
 * Encodes the call of {@link settleCertificates}: for a transaction that is sent, estimated or traced by other means.
 *
 * @example
 * const data = encodeSettleCertificates([certificate])
 * const gas = await client.estimateGas({ account, to: deployment.avs, data })
 */
export function encodeSettleCertificates(certificates: readonly Certificate[]): Hex {
  return encodeFunctionData({
    abi: proofOfInferenceAvsAbi.settleCertificates,
    functionName: 'settleCertificates',
    args: [
      certificates.map(({ request, job, requesterSignature, consent = '0x', votes }) => ({
        request,
        job,
        requesterSignature,
        consent,
        votes: votes.map(toVote),
      })),
    ],
  })
}

/** A consensus that was reached off chain, with what it takes to settle it. */
export type Certificate = {
  readonly request: Request
  readonly job: Job
  /** Of the requester over the request, see `signRequest`. */
  readonly requesterSignature: Hex
  /** Of the job's payee over the job, see `signConsent`; needed where the job names an agent and none is recorded. */
  readonly consent?: Hex | undefined
  /** Of the signing keys of the operators, see `signAttestation`; of the method of the model version. */
  readonly votes: readonly SignedAttestation[]
}

export declare namespace settleCertificates {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    certificates: readonly Certificate[]
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { results: BallotResult[] }
  type ErrorType = executeWrite.ErrorType
}
