import { runSale } from './network.ts'

const { sold } = await runSale({ stdout: 'inherit' })
for (const { outputDigest, status } of sold) console.log(`seller: ${outputDigest} is ${status}`)
