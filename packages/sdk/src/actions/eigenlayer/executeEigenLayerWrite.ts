import type { Client } from 'viem'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import { toEigenLayerError } from '../../errors/eigenLayerContract.ts'
import type { EigenLayerRevertedError } from '../../errors/eigenlayer.ts'
import { executeCall, type executeWrite } from '../internal/executeWrite.ts'
import type { WriteParameters } from '../types.ts'
import type { EigenLayerParameter } from './types.ts'

/**
 * Calls a contract of EigenLayer, see `executeCall`.
 *
 * @returns The transaction, and the events of the called contract.
 */
export function executeEigenLayerWrite(
  client: Client,
  parameters: WriteParameters & EigenLayerParameter,
  contractCall: Parameters<typeof executeCall>[2],
): ReturnType<typeof executeCall> {
  const { eigenLayer } = parameters
  return executeCall(client, parameters, contractCall, {
    chainId: eigenLayer.chainId,
    assert: () => assertEigenLayer(client, eigenLayer),
    toError: toEigenLayerError,
  })
}

export declare namespace executeEigenLayerWrite {
  type ErrorType = assertEigenLayer.ErrorType | EigenLayerRevertedError | executeWrite.ErrorType
}
