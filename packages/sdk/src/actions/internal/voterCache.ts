import type { Address, Client } from 'viem'
import type { Deployment } from '../../deployments/deployment.ts'
import { getVoter } from '../operatorSet/getVoter.ts'

/**
 * Operators as they stood at timepoints, by `timepoint/operator`. What holds at a past timepoint never changes, so that
 * it need be read only once. For one deployment.
 */
export type VoterCache = Map<string, Promise<getVoter.ReturnType>>

/** Far more than the operators of the references that are in use at one time. */
const maxVoters = 16_384

/**
 * Makes a memory of operators at timepoints, to be shared by the calls of `verifyCertificate` for one deployment.
 *
 * @example
 * const voters = createVoterCache()
 * await verifyCertificate(client, { deployment, certificate, voters })
 */
export function createVoterCache(): VoterCache {
  return new Map()
}

/** Reads an operator at a timepoint, unless the cache has it. A failure is not remembered. */
export function readVoter(
  client: Client,
  {
    deployment,
    operator,
    timepoint,
    voters,
  }: { deployment: Deployment; operator: Address; timepoint: number; voters: VoterCache },
): Promise<getVoter.ReturnType> {
  const key = toVoterKey(timepoint, operator)
  const known = voters.get(key)
  if (known) return known
  const voter = getVoter(client, { deployment, operator, timepoint })
  // The oldest is the first.
  for (const oldest of voters.keys()) {
    if (voters.size < maxVoters) break
    voters.delete(oldest)
  }
  voters.set(key, voter)
  voter.catch(() => voters.delete(key))
  return voter
}

export function toVoterKey(timepoint: number, operator: Address): string {
  return `${timepoint}/${operator.toLowerCase()}`
}
