/**
 * How an agent is paid: `escrow` and `fourMica` behind one `PaymentRail`.
 *
 * @module @proof-of-inference/sdk/payments
 */

export {
  FourMicaAnswerInvalidError,
  FourMicaFailedError,
  FourMicaMismatchError,
  FourMicaRefusedError,
  FourMicaUnavailableError,
  GuaranteeInvalidError,
  InsufficientCollateralError,
  PaymentExpiredError,
  PaymentMismatchError,
  PaymentNotDueError,
  PaymentNotPayableError,
  PaymentTooLateError,
  PaymentUnrecordedError,
  TabUnresolvedError,
  ValidationRequestTakenError,
} from '../errors/payments.ts'
export { type EscrowConfig, escrow } from '../payments/escrow.ts'
export type { FourMicaConfig, FourMicaDeployment } from '../payments/fourMica/types.ts'
export { fourMica } from '../payments/fourMica.ts'
export { getReceiptBinding } from '../payments/getReceiptBinding.ts'
export { memoryPaymentStore } from '../payments/memoryPaymentStore.ts'
export type { PaymentStore } from '../payments/store.ts'
export type {
  Payee,
  Payer,
  PaymentFunds,
  PaymentMessage,
  PaymentRail,
  PaymentResult,
  PaymentStatus,
  PaymentTerms,
} from '../payments/types.ts'
