// A market on this machine for as long as this runs, and `market.json` for apps that use it. PORT: of its chain; 0 for any.
import { rm, writeFile } from 'node:fs/promises'
import { devnetMnemonic } from '@proof-of-inference/devnet'
import { withMarket } from './market.ts'

const file = 'market.json'
const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
})

await withMarket(
  async (market) => {
    await writeFile(file, market.file)
    console.log(`A market at ${market.rpcUrl} is described by ${file}. Ctrl-C stops it.`)
    console.log(`The accounts of the mnemonic "${devnetMnemonic}" have ETH there.`)
    await stopped
    await rm(file)
  },
  { port: Number(process.env.PORT ?? 8545) },
)
