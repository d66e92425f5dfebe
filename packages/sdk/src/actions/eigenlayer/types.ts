import type { Account, Address, ReadContractErrorType } from 'viem'
import type { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import type { EigenLayerDeployment } from '../../eigenlayer/types.ts'
import type { EigenLayerRevertedError } from '../../errors/eigenlayer.ts'
import type { ContractRevertedError } from '../../errors/transaction.ts'
import type { WriteParameters } from '../types.ts'

/** What every action of EigenLayer takes. */
export type EigenLayerParameter = {
  /** Where EigenLayer is; checked against the chain before first use. See `eigenLayerDeployments`. */
  eigenLayer: EigenLayerDeployment
}

/** What every action takes that acts for an operator. */
export type OperatorWriteParameters<account extends Account | undefined = Account | undefined> =
  WriteParameters<account> & {
    /** For whom, where the sender is an appointee of the operator. Default: the sender. */
    operator?: Address | undefined
  }

/** What every action of EigenLayer may throw that only reads. */
export type EigenLayerReadErrorType =
  | assertEigenLayer.ErrorType
  | ContractRevertedError
  | EigenLayerRevertedError
  | ReadContractErrorType
