import { type Address, type Hex, hashTypedData } from 'viem'
import type { EigenLayerDeployment, OperatorSet } from './types.ts'

/** What a signing key signs to be registered, as EIP-712 typed data in the domain of EigenLayer's KeyRegistrar. */
export function toKeyRegistrationTypedData(parameters: {
  eigenLayer: Pick<EigenLayerDeployment, 'chainId' | 'keyRegistrar'>
  operator: Address
  operatorSet: OperatorSet
  key: Address
}) {
  const { eigenLayer, operator, operatorSet, key } = parameters
  return {
    domain: {
      name: 'EigenLayer',
      version: '1',
      chainId: eigenLayer.chainId,
      verifyingContract: eigenLayer.keyRegistrar,
    },
    types: {
      ECDSAKeyRegistration: [
        { name: 'operator', type: 'address' },
        { name: 'avs', type: 'address' },
        { name: 'operatorSetId', type: 'uint32' },
        { name: 'keyAddress', type: 'address' },
      ],
    },
    primaryType: 'ECDSAKeyRegistration',
    message: { operator, avs: operatorSet.avs, operatorSetId: operatorSet.id, keyAddress: key },
  } as const
}

/**
 * The digest that a signing key signs to be registered for an operator.
 *
 * @param parameters.key Address of the signing key.
 *
 * @example
 * const digest = hashKeyRegistration({ eigenLayer, operator, operatorSet, key: signer.address })
 */
export function hashKeyRegistration(parameters: {
  eigenLayer: Pick<EigenLayerDeployment, 'chainId' | 'keyRegistrar'>
  operator: Address
  operatorSet: OperatorSet
  key: Address
}): Hex {
  return hashTypedData(toKeyRegistrationTypedData(parameters))
}
