import { createDevnet } from '@proof-of-inference/devnet'
import { openMarket } from './gas.ts'

await using devnet = await createDevnet()
const m = await openMarket(devnet)
await m.certified()
console.log(Number(await m.certified()) / 32)
console.log(await m.explain())
