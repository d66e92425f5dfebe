import type { Hex } from 'viem'
import type { Deployment } from '../deployments/deployment.ts'
import { RegistryMissingError } from '../errors/receipts.ts'
import type { Binding } from '../utils/validationRequest.ts'
import { hashSubject, hashValidationRequest } from './fourMica/guarantee.ts'
import { promiseSchema, toClaims } from './fourMica/messages.ts'
import { parseMessage } from './messages.ts'
import type { PaymentMessage } from './types.ts'

/**
 * What binds a receipt to a promise of the rail `fourMica`: with it the AVS answers the guarantee's own validation
 * request, which makes it payable.
 *
 * @returns `binding` is what the AVS's `postReceipt` takes; `requestHash` is the hash that it answers.
 * @throws `PaymentMismatchError`, `RegistryMissingError`
 *
 * @example
 * const { binding } = getReceiptBinding({ deployment, promise })
 */
export function getReceiptBinding({ deployment, promise }: { deployment: Deployment; promise: PaymentMessage }): {
  binding: Binding
  requestHash: Hex
} {
  const { validationRegistry: registry } = deployment
  if (registry === null) throw new RegistryMissingError({})
  const claims = toClaims(parseMessage(promiseSchema, promise), { deployment, registry })
  return {
    binding: { subjectHash: hashSubject(claims), minScore: claims.minScore },
    requestHash: hashValidationRequest(claims),
  }
}
