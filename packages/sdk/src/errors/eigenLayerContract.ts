import { BaseError, decodeErrorResult } from 'viem'
import { allocationManagerAbi, delegationManagerAbi, keyRegistrarAbi, strategyManagerAbi } from '../abis/eigenlayer.ts'
import { toContractError } from './contract.ts'
import { EigenLayerRevertedError, isEigenLayerErrorName } from './eigenlayer.ts'
import { findRevertData } from './revertData.ts'

const abi = [...allocationManagerAbi, ...delegationManagerAbi, ...keyRegistrarAbi, ...strategyManagerAbi]

/**
 * The error of the SDK for a failed call of EigenLayer: an {@link EigenLayerRevertedError} for the custom errors that
 * operators can cause, and what `toContractError` says for any other, such as one of the registrar of an AVS.
 */
export async function toEigenLayerError(error: unknown): Promise<unknown> {
  const data = error instanceof BaseError ? findRevertData(error) : undefined
  if (data === undefined) return toContractError(error)
  try {
    // viem also decodes `Error(string)` and `Panic(uint256)`, which are anybody's.
    const { errorName } = decodeErrorResult({ abi, data })
    if (isEigenLayerErrorName(errorName)) return new EigenLayerRevertedError({ errorName, cause: error })
  } catch (cause) {
    // Not one of EigenLayer's.
    if (!(cause instanceof BaseError)) throw cause
  }
  return toContractError(error)
}

/** Resolves as the call does, or rejects with the error of the SDK for it. */
export async function withEigenLayerErrors<result>(call: Promise<result>): Promise<result> {
  try {
    return await call
  } catch (error) {
    throw await toEigenLayerError(error)
  }
}
