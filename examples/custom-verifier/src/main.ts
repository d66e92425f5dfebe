import { runNetwork } from './network.ts'

for (const [answer, status] of Object.entries(await runNetwork())) console.log(`${status}: ${answer}`)
