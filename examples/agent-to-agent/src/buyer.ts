// Buys an inference: promises to pay for it, has it verified, pays if it is what the model says, and rates the agent.
import { getFeedbackSummary, giveFeedback } from '@proof-of-inference/sdk/erc8004'
import { decodeOutput, encodeInput, getVerified, putPayload } from '@proof-of-inference/sdk/payload'
import { getReceiptBinding } from '@proof-of-inference/sdk/payments'
import * as v from 'valibot'
import { formatEther } from 'viem'
import { createInput } from './model.ts'
import { assurance, deliverySchema, price, quoteSchema } from './protocol.ts'
import { setUp } from './setup.ts'

const { client, deployment, model, payloads, rail, requester, sellerUrl } = setUp()

async function ask<schema extends v.GenericSchema>(path: string, schema: schema, body: object) {
  const response = await fetch(`${sellerUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`The seller answered ${path} with ${response.status}: ${await response.text()}`)
  return v.parse(schema, await response.json())
}

await rail.payer.deposit({ amount: 2n * price, key: 'collateral' })

// The seller runs the model, and tells the digest of what it got.
const input = createInput()
const inputDigest = await putPayload(payloads, await encodeInput(input))
const quote = await ask('/quote', quoteSchema, { buyer: client.account.address, inputDigest })
const { agentId, outputDigest, offer } = quote

// A promise to pay for exactly that output, if it is verified. The job names the agent's wallet as the payee.
const prepared = await requester.prepareJob({
  model,
  input,
  output: { digest: outputDigest },
  agent: { id: agentId },
  ...assurance,
})
const { job } = prepared
const promise = await rail.payer.promise({ offer, job, amount: price })
console.log(`buyer: promises ${formatEther(price)} ETH for the output ${outputDigest}`)

// The seller releases the output; nobody has to trust that it is the one with the digest.
const { consent } = await ask('/order', deliverySchema, { outputDigest, salt: job.salt, promise })
const output = await decodeOutput(await getVerified(payloads, outputDigest))
const probability =
  output.type === 'tensors' && output.tensors.output?.dtype === 'float32' && output.tensors.output.data[0]
console.log(`buyer: has the output: speech with a probability of ${probability}`)

// Operators verify it; the receipt answers the guarantee. It is checked down to every vote's signature.
const request = await requester.request({ prepared, consent, reward: 0n, deadline: { seconds: 120 } })
const { binding } = getReceiptBinding({ deployment, promise })
const receipt = await request.receipt({ binding })
console.log(`buyer: the output is ${receipt.status}, ${receipt.response} of 100`)
if (receipt.status !== 'verified') throw new Error(`The output is ${receipt.status}: nothing is owed.`)

// What was promised is due. Without this the agent would take it from the collateral.
const { status, transactionHash } = await rail.payer.pay(promise)
console.log(`buyer: paid in ${transactionHash}`)

const registries = deployment
await giveFeedback(client, { registries, agentId, value: 100n, tag1: 'delivery' })
const clients = [deployment.avs, client.account.address] as const
const [byAvs, byBuyer] = await Promise.all(
  clients.map((each) => getFeedbackSummary(client, { registries, agentId, clients: [each] })),
)
console.log(`buyer: rated agent ${agentId}`)

process.send?.({
  requestId: request.id,
  outputDigest,
  receipt: receipt.status,
  payment: status,
  feedback: { avs: Number(byAvs?.mean), buyer: Number(byBuyer?.mean) },
})
process.disconnect?.()
