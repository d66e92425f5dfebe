import type { Client } from 'viem'
import type { Deployment } from '../../deployments/deployment.ts'
import { OperatorCannotVoteError } from '../../errors/avs.ts'
import { NotAnOperatorError, StaleOperatorError } from '../../errors/operatorSet.ts'
import { getVoter } from '../operatorSet/getVoter.ts'

/**
 * Resolves as the call does. Where the contract says that an operator cannot vote, asks the operator set why: a stale
 * operator had a weight at the reference of the request, anybody else had none.
 */
export async function explainOperator<result>(
  client: Client,
  deployment: Deployment,
  call: Promise<result>,
): Promise<result> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof OperatorCannotVoteError)) throw error
    const { operator, referenceTimepoint } = error
    const { canVote, weight } = await getVoter(client, { deployment, operator, timepoint: referenceTimepoint })
    if (canVote) throw error
    if (weight === 0n) throw new NotAnOperatorError({ operator, referenceTimepoint, cause: error })
    throw new StaleOperatorError({ operator, referenceTimepoint, weight, cause: error })
  }
}

export declare namespace explainOperator {
  type ErrorType = NotAnOperatorError | StaleOperatorError | OperatorCannotVoteError | getVoter.ErrorType
}
