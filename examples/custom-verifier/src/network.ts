import { createDevnet, runOperators } from '@proof-of-inference/devnet'
import { memoryPayloadStore } from '@proof-of-inference/sdk/payload'
import { createRequester, publishModel } from '@proof-of-inference/sdk/requester'
import { createWalletClient, http, type LocalAccount, parseEther, publicActions, zeroAddress } from 'viem'
import { numericRubric } from './rubric.ts'
import { answer, manifest, orderOf, shop, weights } from './shop.ts'

/** A local market whose operators verify by the rubric; gives what they decided on two answers. */
export async function runNetwork(): Promise<{ [answer: string]: string }> {
  await using devnet = await createDevnet()
  const { accounts, chain, deployment } = devnet
  const payloads = memoryPayloadStore()
  const connect = (account: LocalAccount) =>
    createWalletClient({ account, chain, transport: http(), pollingInterval: 50 }).extend(publicActions)

  await using _ = await runOperators(devnet, { payloads, verifiers: [numericRubric()], runners: [shop()] })
  const requesterClient = connect(accounts.requester)
  const fees = [{ asset: zeroAddress, accepted: true, minimumFee: 1n }]
  const policy = numericRubric.policy({ tolerance: 0.005 })
  const published = { deployment, payloads, name: 'shop', manifest, policy, weights, fees }
  const { modelVersionId: model } = await publishModel(requesterClient, published)

  const requester = createRequester({ client: requesterClient, deployment, payloads })
  const outcomes: { [answer: string]: string } = {}
  for (const text of ['Your 2 products come to 4.40.', 'Your 2 products come to 4.20.']) {
    const request = await requester.request({
      ...{ model, input: orderOf({ apple: 3, bread: 1 }), output: answer(text) },
      payee: accounts.agent.address,
      reward: parseEther('0.01'),
      deadline: { seconds: 120 },
      minAttestations: 2,
    })
    const { status } = await request.outcome({ pollingInterval: 50 })
    outcomes[text] = status
  }
  return outcomes
}
