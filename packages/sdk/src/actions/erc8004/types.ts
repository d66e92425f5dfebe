import type { ReadContractErrorType } from 'viem'
import type { assertRegistries } from '../../erc8004/assertRegistries.ts'
import type { Erc8004Registries } from '../../erc8004/types.ts'
import type { ContractRevertedError } from '../../errors/transaction.ts'

/** What every action of ERC-8004 takes. */
export type RegistriesParameter = {
  /** ERC-8004's registries: a deployment, or `erc8004Registries`. Checked against the chain before first use. */
  registries: Erc8004Registries
}

/** What every action of ERC-8004 may throw that only reads. */
export type Erc8004ReadErrorType = assertRegistries.ErrorType | ContractRevertedError | ReadContractErrorType
