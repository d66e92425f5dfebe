import { DeploymentNotFoundError } from '../errors/deployment.ts'
import type { Deployment } from './deployment.ts'
import { deployments } from './deployments.ts'

/**
 * The public deployment of the market on a chain.
 *
 * @throws `DeploymentNotFoundError` where there is none: pass the description of your own, see `parseDeployment`.
 *
 * @example
 * const requester = createRequester({ client, deployment: getDeployment(client.chain.id), payloads })
 */
export function getDeployment(chainId: number): Deployment {
  const known: { readonly [chainId: number]: Deployment | undefined } = deployments
  const deployment = known[chainId]
  if (deployment === undefined) throw new DeploymentNotFoundError({ chainId })
  return deployment
}

export declare namespace getDeployment {
  type ErrorType = DeploymentNotFoundError
}
