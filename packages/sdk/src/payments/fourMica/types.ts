import type { Address, Chain, Client, Hex, LocalAccount, Transport } from 'viem'
import type { Deployment } from '../../deployments/deployment.ts'
import type { PaymentStore } from '../store.ts'

/** A core of 4Mica, as somebody you trust has told you. The service itself is not believed. */
export type FourMicaDeployment = {
  /** Of the core service. */
  readonly url: string
  /** Core4Mica. */
  readonly contract: Address
  /** keccak256 of the contract's code. */
  readonly codeHash: Hex
}

/** What 4Mica's rail is made of. */
export type FourMicaConfig = {
  /** Its account signs and sends: a local one, such as of `privateKeyToAccount`. Its chain is the deployment's. */
  readonly client: Client<Transport, Chain | undefined, LocalAccount>
  /** Its AVS validates. It must name a `validationRegistry`. */
  readonly deployment: Deployment
  readonly core: FourMicaDeployment
  /** HTTP address of the chain's node, for 4Mica's client. */
  readonly rpcUrl: string
  /** What was signed and sent. */
  readonly store: PaymentStore
  /**
   * Seconds for which a tab of this payee takes guarantees. After a rejection the payer signs no other for it until it
   * has ended: keep it short where that may happen. Default: the service's.
   */
  readonly tabTtl?: number | undefined
  /** Milliseconds to wait for an answer of the core service. Default: 10,000. */
  readonly timeout?: number | undefined
  /** Milliseconds to wait until a payment is recorded. Default: 60,000. */
  readonly recordTimeout?: number | undefined
}
