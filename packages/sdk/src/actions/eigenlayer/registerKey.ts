import {
  type Account,
  type Address,
  type Chain,
  type Client,
  encodeFunctionData,
  type SignTypedDataErrorType,
  type Transport,
} from 'viem'
import { parseAccount } from 'viem/accounts'
import { readContract, signTypedData } from 'viem/actions'
import { keyRegistrarAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import { hashKeyRegistration, toKeyRegistrationTypedData } from '../../eigenlayer/hashKeyRegistration.ts'
import type { OperatorSet } from '../../eigenlayer/types.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import { KeyRegistrationHashMismatchError } from '../../errors/eigenlayer.ts'
import { toAccount } from '../internal/executeWrite.ts'
import type { WriteReturnType } from '../types.ts'
import { executeEigenLayerWrite } from './executeEigenLayerWrite.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType, OperatorWriteParameters } from './types.ts'

/**
 * Registers the ECDSA key that an operator signs with in an operator set. A key can be registered once, for one
 * operator and set, and never again.
 *
 * @throws `EigenLayerRevertedError` (`InvalidPermissions`, `InvalidSignature`, `KeyAlreadyRegistered`,
 * `OperatorAlreadyRegistered`, `OperatorSetNotConfigured`), `KeyRegistrationHashMismatchError`
 *
 * @example
 * await registerKey(client, { eigenLayer, operatorSet, signer: privateKeyToAccount(signingKey) })
 */
export async function registerKey<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: registerKey.Parameters<account>,
): Promise<registerKey.ReturnType> {
  const { eigenLayer, operatorSet, operator = toAccount(client, parameters).address } = parameters
  const signer = parseAccount(parameters.signer)
  const registration = { eigenLayer, operator, operatorSet, key: signer.address }
  await assertEigenLayer(client, eigenLayer)
  // What the KeyRegistrar will check must be what is signed, and nothing else is ever signed.
  const expected = hashKeyRegistration(registration)
  const actual = await withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.keyRegistrar,
      abi: keyRegistrarAbi,
      functionName: 'getECDSAKeyRegistrationMessageHash',
      args: [operator, operatorSet, signer.address],
    }),
  )
  if (actual !== expected) {
    throw new KeyRegistrationHashMismatchError({ keyRegistrar: eigenLayer.keyRegistrar, expected, actual })
  }
  const signature = await signTypedData(client, { account: signer, ...toKeyRegistrationTypedData(registration) })
  const { transaction } = await executeEigenLayerWrite(client, parameters, {
    to: eigenLayer.keyRegistrar,
    data: encodeFunctionData({
      abi: keyRegistrarAbi,
      functionName: 'registerKey',
      args: [operator, operatorSet, signer.address, signature],
    }),
  })
  return transaction
}

export declare namespace registerKey {
  type Parameters<account extends Account | undefined = Account | undefined> = OperatorWriteParameters<account> &
    EigenLayerParameter & {
      operatorSet: OperatorSet
      /** The key. An address is signed for by the wallet of the client. */
      signer: Account | Address
    }
  type ReturnType = WriteReturnType
  type ErrorType =
    | EigenLayerReadErrorType
    | KeyRegistrationHashMismatchError
    | SignTypedDataErrorType
    | executeEigenLayerWrite.ErrorType
}
