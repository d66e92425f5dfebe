import { BaseError, decodeErrorResult } from 'viem'
import { allocationManagerAbi, delegationManagerAbi, keyRegistrarAbi, strategyManagerAbi } from '../abis/eigenlayer.ts'
import { explainContractError } from './contractErrors.ts'
import { EigenLayerRevertedError, isEigenLayerErrorName } from './eigenlayer.ts'
import { findRevert } from './revertData.ts'

const abi = [...allocationManagerAbi, ...delegationManagerAbi, ...keyRegistrarAbi, ...strategyManagerAbi]

/** What `toEigenLayerError` resolves to. */
export function explainEigenLayerError(error: unknown): unknown {
  const revert = error instanceof BaseError ? findRevert(error) : undefined
  if (revert === undefined) return explainContractError(error)
  try {
    // viem also decodes `Error(string)` and `Panic(uint256)`, which are anybody's.
    const { errorName } = decodeErrorResult({ abi, data: revert.data })
    if (isEigenLayerErrorName(errorName)) return new EigenLayerRevertedError({ errorName, cause: revert.carrier })
  } catch (cause) {
    // Not one of EigenLayer's.
    if (!(cause instanceof BaseError)) throw cause
  }
  return explainContractError(error)
}
