// A market on this machine for as long as this runs, and `market.json` for apps that use it. PORT: of its chain; 0 for any.
import { rm, writeFile } from 'node:fs/promises'
import { devnetMnemonic, PortInUseError } from '@proof-of-inference/devnet'
import { withMarket } from './market.ts'

const file = 'market.json'
let isStopping = false
const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      isStopping = true
      resolve()
    })
})

await withMarket(
  async (market) => {
    await writeFile(file, market.file)
    console.log(`A market at ${market.rpcUrl} is described by ${file}. Ctrl-C stops it.`)
    console.log(`The accounts of the mnemonic "${devnetMnemonic}" have ETH there.`)
    await stopped
    await rm(file)
  },
  {
    port: Number(process.env.PORT ?? 8545),
    // A block every second, too: a request that nobody votes on would never expire where time stands still.
    ...{ blockTime: 1, automine: true },
    // At that pace votes would be gone after half a day.
    ...{ delays: { deallocation: 10_000_000 }, registrar: { maxWeightAge: 9_000_000 } },
  },
).catch((error: unknown) => {
  // Ctrl-C reaches the chain, too.
  if (isStopping) return
  if (!(error instanceof PortInUseError)) throw error
  console.error(`Port ${error.port} is in use: choose another with PORT=, as in PORT=8645 npm run market.`)
  process.exitCode = 1
})
