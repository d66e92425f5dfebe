import type { Address } from 'viem'
import type { Erc8004Registries } from '../../erc8004/types.ts'
import { RegistryMissingError } from '../../errors/receipts.ts'

/** The address of a registry that not every chain has. Throws a `RegistryMissingError` where there is none. */
export function requireRegistry(
  registries: Erc8004Registries,
  contract: 'reputationRegistry' | 'validationRegistry',
): Address {
  const address = registries[contract]
  if (address === null) throw new RegistryMissingError({})
  return address
}
