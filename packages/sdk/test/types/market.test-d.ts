// Entries `/requester`, `/operator`, `/aggregator`, `/payments` and `/node`.
import type { Account, Chain, Client, Hex, LocalAccount, Transport } from 'viem'
import { expectTypeOf } from 'vitest'
import type { Binding, verifyReceipt } from '../../src/exports/actions.ts'
import * as aggregators from '../../src/exports/aggregator.ts'
import * as node from '../../src/exports/node.ts'
import * as operators from '../../src/exports/operator.ts'
import type { PayloadStore } from '../../src/exports/payload.ts'
import * as payments from '../../src/exports/payments.ts'
import * as requesters from '../../src/exports/requester.ts'
import {
  address,
  deployment,
  hash,
  input,
  job,
  manifest,
  output,
  payloads,
  policy,
  reader,
  signal,
  wallet,
} from './stage.ts'

// A requester names a model, and gives plain objects.
expectTypeOf(requesters.createRequester).parameter(0).toEqualTypeOf<requesters.RequesterConfig>()
const requester = requesters.createRequester({ client: wallet, deployment, payloads })
expectTypeOf(requester).toEqualTypeOf<requesters.Requester>()
// @ts-expect-error nobody pays
requesters.createRequester({ client: reader, deployment, payloads })
const terms = { reward: 1n, deadline: { seconds: 120 } }
const request = await requester.request({ model: `${address}/silero-vad@1`, input, output, ...terms })
expectTypeOf(requester.request).returns.resolves.toEqualTypeOf<requesters.InferenceRequest>()
expectTypeOf(requester.request).toBeCallableWith({
  ...{ model: hash, input: { digest: hash }, output: { type: 'batch', items: [output] }, ...terms },
  agent: { id: 7n, consent: async (each) => each.salt },
})
expectTypeOf(requester.request).toBeCallableWith({ prepared: {} as requesters.PreparedJob, consent: hash, ...terms })
// @ts-expect-error a model is given by its name or its id, which are strings
requester.request({ model: 7n, input, output, ...terms })
// @ts-expect-error a time is named with its unit
requester.request({ model: hash, input, output, reward: 1n, deadline: 120 })

const outcome = await request.outcome()
expectTypeOf(request.outcome).returns.resolves.toEqualTypeOf<requesters.Outcome>()
expectTypeOf(outcome.latency).toEqualTypeOf<number>()
expectTypeOf(outcome.status).toEqualTypeOf<'verified' | 'rejected' | 'expired'>()
if (outcome.status === 'verified') expectTypeOf(outcome.response).toEqualTypeOf<number>()
if (outcome.status === 'rejected') expectTypeOf(outcome.response).toEqualTypeOf<0>()
if (outcome.status === 'expired') expectTypeOf(outcome.response).toEqualTypeOf<null>()
expectTypeOf(request.receipt({ post: true })).resolves.toEqualTypeOf<verifyReceipt.ReturnType>()
const aggregator = aggregators.httpAggregator({ url: '' })
const certified = await requester.certify({ model: hash, input, output, ...terms, aggregator })
expectTypeOf(certified).toEqualTypeOf<requesters.CertifiedRequest>()
expectTypeOf(certified.certificate({ timeout: 1 }))
  .resolves.toHaveProperty('status')
  .toEqualTypeOf<'verified' | 'rejected'>()

expectTypeOf(requesters.createCanary({ isValid: true })).toEqualTypeOf<requesters.Canary>()
expectTypeOf(requesters.signConsent(wallet, { deployment, job })).resolves.toEqualTypeOf<Hex>()
const published = { deployment, payloads, name: 'silero-vad', manifest, policy, fees: [] }
expectTypeOf(requesters.publishModel(wallet, published)).resolves.toEqualTypeOf<{
  modelId: Hex
  modelVersionId: Hex
  number: number
  gasUsed: bigint
}>()
// @ts-expect-error nobody signs
requesters.publishModel(reader, published)
expectTypeOf(requesters.getModelPolicy(reader, { deployment, modelVersionId: hash, payloads }))
  .resolves.toHaveProperty('policy')
  .toEqualTypeOf(policy)

// An operator
const { client } = {} as { client: operators.OperatorClient }
const store = operators.memoryOperatorStore()
expectTypeOf(operators.memoryOperatorStore()).toEqualTypeOf<operators.OperatorStore>()
const operator = operators.createOperator({
  ...{ client, deployment, payloads, store, verifiers: [], runners: [] },
  onEvent(event) {
    expectTypeOf(event).toEqualTypeOf<operators.OperatorEvent>()
    if (event.type === 'verified') expectTypeOf(event.verdict).toEqualTypeOf<'valid' | 'invalid'>()
    if (event.type === 'settled') expectTypeOf(event.status).toEqualTypeOf<operators.OutcomeStatus>()
  },
})
expectTypeOf(operators.createOperator).returns.toEqualTypeOf<operators.Operator>()
expectTypeOf(operator.run({ signal })).resolves.toBeVoid()
expectTypeOf(operator.claimFees()).resolves.toEqualTypeOf<operators.FeeClaim[]>()
const { state } = {} as { state: operators.RequestState }
expectTypeOf(operators.transition(state, { type: 'fetched' })).toEqualTypeOf<operators.RequestState>()
expectTypeOf(operators.isTerminal(state)).toEqualTypeOf<boolean>()

// An aggregator
expectTypeOf(aggregators.createAggregator({ client, deployment })).toEqualTypeOf<aggregators.Aggregator>()
expectTypeOf(aggregators.httpAggregator({ url: '' })).toEqualTypeOf<aggregators.HttpAggregator>()
expectTypeOf(aggregator).toExtend<aggregators.AggregatorClient & aggregators.RequesterAggregator>()
expectTypeOf(
  node.serveAggregator({ aggregator: aggregators.createAggregator({ client, deployment }) }),
).resolves.toEqualTypeOf<node.AggregatorServer>()

// Payments: both rails are one interface.
const local = {} as Client<Transport, Chain | undefined, LocalAccount>
const journal = payments.memoryPaymentStore()
expectTypeOf(payments.memoryPaymentStore()).toEqualTypeOf<payments.PaymentStore>()
expectTypeOf(payments.escrow({ client: local, deployment, store: journal })).toEqualTypeOf<payments.PaymentRail>()
// @ts-expect-error its account signs
payments.escrow({ client: {} as Client<Transport, Chain, Account>, deployment, store: journal })
expectTypeOf(payments.fourMica).parameter(0).toEqualTypeOf<payments.FourMicaConfig>()
expectTypeOf(payments.fourMica).returns.toEqualTypeOf<payments.PaymentRail>()
expectTypeOf(payments.getReceiptBinding({ deployment, promise: { rail: '4mica' } })).toEqualTypeOf<{
  binding: Binding
  requestHash: Hex
}>()

// Stores on disk are those in memory.
expectTypeOf(node.directoryStore('state')).toEqualTypeOf<operators.OperatorStore>()
expectTypeOf(node.directoryPayloadStore('payloads')).toEqualTypeOf<PayloadStore>()
expectTypeOf(node.directoryPaymentStore('payments')).toEqualTypeOf<payments.PaymentStore>()
