import type { Client } from 'viem'
import type { Deployment } from '../../deployments/deployment.ts'
import { type OperatorSetKind, OperatorSetKindMismatchError } from '../../errors/operatorSet.ts'
import { getOperatorSetKind } from '../operatorSet/getOperatorSetKind.ts'

/** Makes sure that a deployment's operator set is of a kind, which an action is for. */
export async function requireOperatorSetKind(
  client: Client,
  deployment: Deployment,
  expected: OperatorSetKind,
): Promise<void> {
  const actual = await getOperatorSetKind(client, { deployment })
  if (actual === expected) return
  throw new OperatorSetKindMismatchError({ operatorSet: deployment.operatorSet, expected, actual })
}

export declare namespace requireOperatorSetKind {
  type ErrorType = getOperatorSetKind.ErrorType | OperatorSetKindMismatchError
}
