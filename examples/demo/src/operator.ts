// One operator, as a process of its own. Started by main.ts with its settings in the environment.
import { parseDeployment } from '@proof-of-inference/sdk'
import { directoryStore } from '@proof-of-inference/sdk/node'
import { createOperator } from '@proof-of-inference/sdk/operator'
import { httpPayloadStore } from '@proof-of-inference/sdk/payload'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { defineVerifier, valid } from '@proof-of-inference/sdk/verifier'
import { exact } from '@proof-of-inference/verifier-exact'
import { createWalletClient, http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { type OperatorMessage, type OperatorSettings, settingsVariable, testMnemonic } from './settings.ts'

const json = process.env[settingsVariable]
if (json === undefined) throw new Error(`${settingsVariable} is not set: operators are started by main.ts.`)
const settings: OperatorSettings = JSON.parse(json)
const { rpcUrl, payloadsUrl, stateDirectory, accountIndex, signerIndex, isDishonest } = settings

/** Claims to have verified, and has not looked: same method, same policy, no work. */
const rubberStamp = defineVerifier({ ...exact(), verify: () => valid({ metrics: {}, evidence: null }) })

/** Nobody hears it where main.ts has ended, also in between. */
const tell = (message: OperatorMessage) => {
  if (process.connected) process.send?.(message, () => {})
}

const operator = createOperator({
  client: createWalletClient({
    account: mnemonicToAccount(testMnemonic, { addressIndex: accountIndex }),
    transport: http(rpcUrl),
    pollingInterval: 100,
  }),
  deployment: parseDeployment(settings.deployment),
  signer: mnemonicToAccount(testMnemonic, { addressIndex: signerIndex }),
  payloads: httpPayloadStore({ url: payloadsUrl, allowPrivateNetwork: true }),
  store: directoryStore(stateDirectory),
  verifiers: [isDishonest ? rubberStamp : exact()],
  runners: [onnx()],
  onEvent(event) {
    if (event.type === 'error') tell({ type: 'error', message: String(event.error) })
    else tell({ type: 'event', event })
  },
})

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(signal, () => stopping.abort())
if (!process.connected) stopping.abort()
await operator.run({ signal: stopping.signal })
if (process.connected) process.disconnect()
