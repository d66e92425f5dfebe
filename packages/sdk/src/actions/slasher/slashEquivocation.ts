import {
  type Account,
  type Address,
  type Chain,
  type Client,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
  type Transport,
} from 'viem'
import * as equivocationSlasherAbi from '../../abis/calls/equivocationSlasher.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import type { AttestationMismatchError, InvalidSignerError, OperatorCannotVoteError } from '../../errors/avs.ts'
import { toEigenLayerError } from '../../errors/eigenLayerContract.ts'
import type { EigenLayerRevertedError } from '../../errors/eigenlayer.ts'
import type { TimepointNotPastError } from '../../errors/operatorSet.ts'
import type {
  AlreadySlashedError,
  DomainNotRegisteredError,
  EvidenceExpiredError,
  NothingSlashedError,
  OperatorMismatchError,
  SameVerdictError,
  SlasherMissingError,
  UnknownSigningKeyError,
} from '../../errors/slasher.ts'
import { executeCall, type executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import { requireSlasher } from '../internal/requireSlasher.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'
import type { Equivocation } from './types.ts'

/**
 * Slashes an operator that signed two contradicting verdicts on one request. Anyone may send it. An operator is slashed
 * once for a request, of the fraction that `getSlashingTerms` tells.
 *
 * @returns `operator`: as EigenLayer knows it. `slashId`: EigenLayer's number of the slash in the operator set.
 * `shares`: taken of each of `strategies`, in shares of the strategy.
 * @throws `AlreadySlashedError`, `AttestationMismatchError`, `DomainNotRegisteredError`, `EigenLayerRevertedError`
 * (`OperatorNotSlashable`: it left for good), `EvidenceExpiredError`, `InvalidSignerError`, `NothingSlashedError`,
 * `OperatorCannotVoteError`, `OperatorMismatchError`, `SameVerdictError`, `SlasherMissingError`,
 * `TimepointNotPastError`, `UnknownSigningKeyError`
 *
 * @example
 * const [equivocation] = await findEquivocations(client, { deployment, attestations })
 * if (equivocation) await slashEquivocation(client, { deployment, equivocation })
 */
export async function slashEquivocation<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: slashEquivocation.Parameters<account>,
): Promise<slashEquivocation.ReturnType> {
  const { deployment, equivocation } = parameters
  const { transaction, logs } = await executeCall(
    client,
    parameters,
    {
      to: requireSlasher(deployment),
      data: encodeFunctionData({ abi: equivocationSlasherAbi.slash, functionName: 'slash', args: [equivocation] }),
    },
    {
      chainId: deployment.chainId,
      assert: () => assertDeployment(client, deployment),
      // EigenLayer's refusals come through the slasher.
      toError: toEigenLayerError,
    },
  )
  const eventName = 'EquivocationSlashed'
  const events = parseEventLogs({ abi: equivocationSlasherAbi.EquivocationSlashed, eventName, logs })
  return { ...transaction, ...firstEvent(events, { eventName, ...transaction }) }
}

export declare namespace slashEquivocation {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** See `findEquivocations`. */
    equivocation: Equivocation
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & {
    operator: Address
    requestId: Hex
    slashId: bigint
    strategies: readonly Address[]
    shares: readonly bigint[]
  }
  type ErrorType =
    | executeWrite.ErrorType
    | AlreadySlashedError
    | AttestationMismatchError
    | DomainNotRegisteredError
    | EigenLayerRevertedError
    | EvidenceExpiredError
    | InvalidSignerError
    | NothingSlashedError
    | OperatorCannotVoteError
    | OperatorMismatchError
    | SameVerdictError
    | SlasherMissingError
    | TimepointNotPastError
    | UnknownSigningKeyError
}
