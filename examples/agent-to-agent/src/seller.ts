// Sells inferences: runs the model, and lets nobody have the output before its payment is guaranteed.
import { serve } from '@hono/node-server'
import { signConsent } from '@proof-of-inference/sdk/actions'
import { registerAgent } from '@proof-of-inference/sdk/erc8004'
import {
  decodeInput,
  type EncodedPayload,
  encodeOutput,
  getVerified,
  putPayload,
} from '@proof-of-inference/sdk/payload'
import type { PaymentMessage } from '@proof-of-inference/sdk/payments'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { Hono } from 'hono'
import * as v from 'valibot'
import type { Hex } from 'viem'
import { loadModel } from './model.ts'
import { assurance, inquirySchema, orderSchema, price } from './protocol.ts'
import { setUp } from './setup.ts'

const { client, deployment, model, payloads, rail, requester } = setUp()
const { agentId } = await registerAgent(client, { registries: deployment })
const runner = await onnx().load(await loadModel())
console.log(`seller: ERC-8004 agent ${agentId}`)

type Quoted = { readonly inputDigest: Hex; readonly output: EncodedPayload; promise?: PaymentMessage }

/** By the output's digest. */
const quoted = new Map<Hex, Quoted>()

const app = new Hono()

app.post('/quote', async (context) => {
  const { buyer, inputDigest } = v.parse(inquirySchema, await context.req.json())
  const input = await decodeInput(await getVerified(payloads, inputDigest, { maxBytes: 65_536 }))
  const output = await encodeOutput(await runner.run(input))
  quoted.set(output.digest, { inputDigest, output })
  console.log(`seller: has the output ${output.digest}, and keeps it`)
  const offer = await rail.payee.offer({ payer: buyer })
  return context.json({ agentId: String(agentId), outputDigest: output.digest, offer })
})

app.post('/order', async (context) => {
  const { outputDigest, salt, promise } = v.parse(orderSchema, await context.req.json())
  const sale = quoted.get(outputDigest)
  if (!sale) return context.json({ error: 'no such output' }, 404)
  // The job as agreed, whatever the buyer says: a promise for another one is refused.
  const { job } = await requester.prepareJob({
    model,
    input: { digest: sale.inputDigest },
    output: { digest: outputDigest },
    agent: { id: agentId },
    ...assurance,
    salt,
  })
  // Has the guarantee issued, checks its certificate, files the validation request and reads it back.
  await rail.payee.accept({ promise, job, amount: price })
  sale.promise = promise
  console.log('seller: the payment is guaranteed, the output released')
  await putPayload(payloads, sale.output)
  return context.json({ consent: await signConsent(client, { deployment, job }) })
})

/** By what the chain says. What is payable, and not paid after the grace period, `rail.payee.collect` would take. */
app.get('/sales', async (context) => {
  const sales: { outputDigest: Hex; status: string }[] = []
  for (const [outputDigest, { promise }] of quoted)
    sales.push({ outputDigest, status: promise ? await rail.status(promise) : 'not ordered' })
  return context.json(sales)
})

app.onError((error, context) => context.json({ error: error.message }, 400))

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  process.send?.({ url: `http://127.0.0.1:${port}` })
})
process.once('SIGTERM', () => {
  server.close()
  process.disconnect?.()
})
