import { createAgent } from './agent.ts'
import { buy } from './buy.ts'
import { withMarket } from './market.ts'
import { createInput, infer } from './model.ts'

await withMarket(async ({ accounts, connect, ...market }) => {
  const agent = await createAgent(connect(accounts.agent), { deployment: market.deployment, infer })
  const { outcome, receipt } = await buy(connect(accounts.requester), market, agent, createInput())
  console.log(`The output is ${outcome.status}, by ${outcome.attestations.length} operators, in ${outcome.latency} s.`)
  console.log(`Its receipt says ${receipt.response} of 100. It proves:`)
  for (const each of receipt.proven) console.log(`- ${each}`)
  console.log('It does not prove:')
  for (const each of receipt.notProven) console.log(`- ${each}`)
})
