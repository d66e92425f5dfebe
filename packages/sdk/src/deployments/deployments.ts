import type { Deployment } from './deployment.ts'

/** The public deployments by chain id. There is none yet: pass your own, see `parseDeployment`. */
export const deployments: { readonly [chainId: number]: Deployment } = {}
