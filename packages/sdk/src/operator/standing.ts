import type { Address, Client, Hex } from 'viem'
import { getCommitment } from '../actions/avs/getCommitment.ts'
import { getRequestState } from '../actions/avs/getRequestState.ts'
import type { Deployment } from '../deployments/deployment.ts'
import type { Reads } from './reads.ts'
import type { RequestRecord } from './store.ts'

/** How a request stands on chain, and the operator with it. */
export type Standing = Awaited<ReturnType<typeof readStanding>>

/** Reads how a request stands on chain, and the operator with it. */
export async function readStanding(
  client: Client,
  {
    deployment,
    operator,
    reads,
    record: { requestId, request },
  }: { deployment: Deployment; operator: Address; reads: Reads; record: RequestRecord },
) {
  const [state, voter, commitment] = await Promise.all([
    getRequestState(client, { deployment, requestId }),
    reads.getVoter(operator, request.referenceTimepoint),
    request.commitWindow === 0 ? null : getCommitment(client, { deployment, requestId, operator }),
  ])
  const votes = state.validVotes | state.invalidVotes
  return {
    status: state.status,
    validWeight: state.validWeight,
    invalidWeight: state.invalidWeight,
    /** The last second of the commit window. */
    closesAt: state.openedAt + request.commitWindow,
    voter,
    /** Whether the operator's vote counts. False again once its fee was claimed, or if it was paid at once. */
    hasVoted: voter.canVote && ((votes >> BigInt(voter.index)) & 1n) === 1n,
    commitment: commitment satisfies Hex | null,
  }
}
