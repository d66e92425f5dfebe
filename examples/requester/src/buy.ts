// What the app does: buys an answer, has it verified before it is paid, and keeps the receipt.
import type { Deployment } from '@proof-of-inference/sdk'
import type { InferenceInput, PayloadStore } from '@proof-of-inference/sdk/payload'
import { createRequester } from '@proof-of-inference/sdk/requester'
import { type Account, type Chain, type Client, parseEther, type Transport } from 'viem'
import type { Agent } from './agent.ts'

export async function buy(
  client: Client<Transport, Chain, Account>,
  market: { deployment: Deployment; payloads: PayloadStore; model: string },
  agent: Agent,
  input: InferenceInput,
) {
  const { model, ...config } = market
  const requester = createRequester({ client, ...config })

  const output = await agent.ask(input)
  const prepared = await requester.prepareJob({ model, input, output, agent: { id: agent.id }, minAttestations: 2 })
  const consent = await agent.agree(prepared.job)

  // The reward goes to the agent's wallet if the output is verified, and back to the account if not.
  const reward = parseEther('0.01')
  const request = await requester.request({ prepared, consent, reward, deadline: { seconds: 120 } })
  const outcome = await request.outcome()

  // An answer in ERC-8004's ValidationRegistry, checked down to every operator's signature. `proven` says what that shows.
  const receipt = await request.receipt()
  return { output, outcome, receipt }
}
