import type { Client, GetChainIdErrorType, GetCodeErrorType } from 'viem'
import { assertEigenLayer } from '../eigenlayer/assertEigenLayer.ts'
import { assertRegistries } from '../erc8004/assertRegistries.ts'
import type { ChainMismatchError, ContractCodeMissingError } from '../errors/deployment.ts'
import { assertChainId, assertContract } from './assertContract.ts'
import type { ChainContracts } from './chains.ts'

/**
 * Makes sure that a client is on a chain of {@link chains}, and that what others have deployed there is there and belongs
 * together: EigenLayer as by `assertEigenLayer`, ERC-8004's registries as by `assertRegistries`, and code at the
 * ECDSACertificateVerifier. Do this before you deploy or register anything. Of 4Mica only `fourMica` of
 * `@proof-of-inference/sdk/payments` can tell, which takes the contract and its code hash.
 *
 * @throws `ChainMismatchError`, `ContractCodeMissingError`, `EigenLayerMismatchError`, `UnsupportedRegistryError`
 *
 * @example
 * await assertChain(client, chains[11155111])
 */
export async function assertChain(client: Client, contracts: ChainContracts): Promise<void> {
  const { chainId, eigenLayer, certificateVerifier, registries } = contracts
  await assertChainId(client, chainId)
  await Promise.all([
    eigenLayer === null ? undefined : assertEigenLayer(client, eigenLayer),
    certificateVerifier === null
      ? undefined
      : assertContract(client, { contract: 'certificateVerifier', address: certificateVerifier }),
    assertRegistries(client, registries),
  ])
}

export declare namespace assertChain {
  type ErrorType =
    | assertEigenLayer.ErrorType
    | assertRegistries.ErrorType
    | ChainMismatchError
    | ContractCodeMissingError
    | GetChainIdErrorType
    | GetCodeErrorType
}
