import type { Deployment } from './deployment.ts'

/**
 * The public deployments of the market by chain id. There is none yet: an id that is not listed is an error of the
 * compiler, and of {@link getDeployment}.
 */
export const deployments = {} as const satisfies { readonly [chainId: number]: Deployment }
