import { type Address, type Client, isAddressEqual, zeroAddress } from 'viem'
import { readContract } from 'viem/actions'
import { keyRegistrarAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import type { OperatorSet } from '../../eigenlayer/types.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import type { ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads the address of the key that an operator signs with in an operator set.
 *
 * @returns `null` when it has registered none.
 * @throws `EigenLayerRevertedError` (`InvalidCurveType`): the keys of the set are not ECDSA keys.
 *
 * @example
 * const key = await getSigningKey(client, { eigenLayer, operator, operatorSet })
 */
export async function getSigningKey(
  client: Client,
  parameters: getSigningKey.Parameters,
): Promise<getSigningKey.ReturnType> {
  const { eigenLayer, blockNumber, operator, operatorSet } = parameters
  await assertEigenLayer(client, eigenLayer)
  const key = await withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.keyRegistrar,
      abi: keyRegistrarAbi,
      functionName: 'getECDSAAddress',
      args: [operatorSet, operator],
      blockNumber,
    }),
  )
  return isAddressEqual(key, zeroAddress) ? null : key
}

export declare namespace getSigningKey {
  type Parameters = ReadParameters &
    EigenLayerParameter & {
      operator: Address
      operatorSet: OperatorSet
    }
  type ReturnType = Address | null
  type ErrorType = EigenLayerReadErrorType
}
