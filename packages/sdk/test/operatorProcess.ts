import { join } from 'node:path'
import { devnetMnemonic } from '@proof-of-inference/devnet'
import { directoryPayloadStore, directoryStore } from '@proof-of-inference/sdk/node'
import { type AggregatorClient, createOperator } from '@proof-of-inference/sdk/operator'
import { createWalletClient, http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { word } from './wordVerifier.ts'

// Runs the devnet's first operator on the store of the directory given, until it is killed. It is passed one signed
// request, and its aggregator takes its commitment, of which it tells, and never shows another.
const { directory, rpcUrl, deployment, ...signed } = JSON.parse(process.argv[2] ?? '', (_, value: unknown) =>
  typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
)
const aggregator: AggregatorClient = {
  async *watchRequests() {
    yield signed
    await new Promise(() => {})
  },
  async postCommitment(commitment) {
    process.stdout.write(`${JSON.stringify(commitment)}\n`)
  },
  getCommitments: () => new Promise(() => {}),
  postVote: () => Promise.reject(new Error('It has seen no commitments.')),
}
const account = mnemonicToAccount(devnetMnemonic, { addressIndex: 3 })
await createOperator({
  client: createWalletClient({ account, chain: foundry, transport: http(rpcUrl), pollingInterval: 20, cacheTime: 0 }),
  deployment,
  signer: mnemonicToAccount(devnetMnemonic, { addressIndex: 4 }),
  payloads: directoryPayloadStore(join(directory, 'payloads')),
  store: directoryStore(join(directory, 'state')),
  verifiers: [word()],
  runners: [],
  aggregator,
}).run()
