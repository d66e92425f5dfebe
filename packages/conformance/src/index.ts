/**
 * Suites that verifiers, runners, stores and payment rails are held to.
 *
 * @module @proof-of-inference/conformance
 */

export {
  type OperatorStoreConformanceParameters,
  type OperatorStorePlace,
  operatorStoreConformance,
} from './operatorStore.ts'
export { type PayloadStoreConformanceParameters, payloadStoreConformance } from './payloadStore.ts'
export { type PaymentRailFixture, paymentRailConformance } from './paymentRail.ts'
export { type RunnerConformanceParameters, type RunnerFixtures, runnerConformance } from './runner.ts'
export {
  type VerifierCase,
  type VerifierConformanceParameters,
  type VerifierFixtures,
  type VerifierGroup,
  type VerifierItem,
  verifierConformance,
} from './verifier.ts'
