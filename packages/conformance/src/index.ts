export { type PaymentRailFixture, paymentRailConformance } from './paymentRail.ts'
