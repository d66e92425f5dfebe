import { type Account, type Chain, type Client, encodeFunctionData, type Hex, type Transport } from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { Job, Request } from '../../utils/typedData.ts'
import { hashRequest } from '../../utils/typedData.ts'
import { type SignedAttestation, toVote } from '../../utils/vote.ts'
import { type BallotResult, ballotGas, readBallotResults } from '../internal/ballotResults.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Submits the signed votes of any number of operators on any number of open requests in one transaction. Anyone may
 * send it. A vote or request that the contract would refuse alone is skipped and leaves the others as they are; its
 * result has the reason.
 *
 * @returns `results`: of each ballot, in their order.
 * @throws Only what concerns the transaction as a whole.
 *
 * @example
 * const { results } = await submitVerifications(client, { deployment, ballots: [{ request, job, votes }] })
 * for (const { requestId, status, error } of results) console.log(requestId, status, error?.message)
 */
export async function submitVerifications<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: submitVerifications.Parameters<account>,
): Promise<submitVerifications.ReturnType> {
  const { deployment, ballots } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeSubmitVerifications(ballots),
    gasHeadroom: ballotGas,
  })
  const requestIds = ballots.map(({ request }) => hashRequest({ deployment, request }))
  return { ...transaction, results: await readBallotResults(logs, requestIds) }
}

/** The call. */
export function encodeSubmitVerifications(ballots: readonly submitVerifications.Ballot[]): Hex {
  return encodeFunctionData({
    abi: proofOfInferenceAvsAbi.submitVerifications,
    functionName: 'submitVerifications',
    args: [
      ballots.map(({ request, job, votes, operatorSalts = [] }) => ({
        request,
        job,
        votes: votes.map(toVote),
        operatorSalts,
      })),
    ],
  })
}

export declare namespace submitVerifications {
  /** Votes on one request. */
  type Ballot = {
    request: Request
    job: Job
    /** Of the signing keys of the operators, see `signAttestation`; of the method of the model version. */
    votes: readonly SignedAttestation[]
    /** Opens the commitment of each vote; needed where the request has a commit window, and only there. */
    operatorSalts?: readonly Hex[] | undefined
  }
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    ballots: readonly Ballot[]
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { results: BallotResult[] }
  type ErrorType = executeWrite.ErrorType
}
