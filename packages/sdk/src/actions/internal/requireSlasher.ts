import type { Address } from 'viem'
import type { Deployment } from '../../deployments/deployment.ts'
import { SlasherMissingError } from '../../errors/slasher.ts'

/** The slasher of a deployment that must have one. */
export function requireSlasher({ slasher, chainId, avs }: Deployment): Address {
  if (slasher === null) throw new SlasherMissingError({ chainId, avs })
  return slasher
}
