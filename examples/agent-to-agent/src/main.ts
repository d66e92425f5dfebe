import { runSale } from './network.ts'

const help = `One agent buys from another on a local chain, paid by a 4Mica guarantee that the receipt releases.

Usage: npm start -w examples/agent-to-agent [-- --help]`

if (process.argv.includes('--help')) console.log(help)
else {
  const { sold } = await runSale({ stdout: 'inherit' })
  for (const { outputDigest, status } of sold) console.log(`seller: ${outputDigest} is ${status}`)
}
