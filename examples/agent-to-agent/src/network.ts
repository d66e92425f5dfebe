import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createDevnet, createPayloadServer, runOperators } from '@proof-of-inference/devnet'
import { httpPayloadStore } from '@proof-of-inference/sdk/payload'
import { publishModel } from '@proof-of-inference/sdk/requester'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { exact } from '@proof-of-inference/verifier-exact'
import * as v from 'valibot'
import { createWalletClient, http, type LocalAccount, zeroAddress } from 'viem'
import { loadModel } from './model.ts'
import { salesSchema } from './protocol.ts'
import { type Settings, settingsVariable } from './setup.ts'

const startedSchema = v.strictObject({ url: v.pipe(v.string(), v.url()) })
const boughtSchema = v.strictObject({
  requestId: v.string(),
  outputDigest: v.string(),
  receipt: v.string(),
  payment: v.string(),
  feedback: v.strictObject({ avs: v.number(), buyer: v.number() }),
})

/** A local market, a buyer and a seller, each side in a process of its own; gives what they say at the end. */
export async function runSale(parameters: { stdout: 'inherit' | 'ignore' }) {
  // Long enough to pay oneself; then the seller may take the amount from the collateral.
  const delays = { remunerationGracePeriod: 600, synchronizationDelay: 60 }
  await using devnet = await createDevnet({ fourMica: delays })
  await using server = await createPayloadServer()
  const { accounts, chain, deployment, rpcUrl, fourMica } = devnet
  const payloads = httpPayloadStore({ url: server.url, allowPrivateNetwork: true })
  const connect = (account: LocalAccount) =>
    createWalletClient({ account, chain, transport: http(), pollingInterval: 50 })
  const published = { deployment, payloads, name: 'silero-vad', policy: exact.policy(), ...(await loadModel()) }
  await publishModel(connect(accounts.deployer), {
    ...published,
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: 1n }],
  })

  await using _ = await runOperators(devnet, { payloads, verifiers: [exact()], runners: [onnx()] })
  const sides: ChildProcess[] = []
  const startSide = (script: string, accountIndex: number, more: Pick<Settings, 'sellerUrl'> = {}) => {
    const settings: Settings = {
      rpcUrl,
      deployment: { ...deployment, startBlock: Number(deployment.startBlock) },
      payloadsUrl: server.url,
      core: { url: fourMica.url, contract: fourMica.contract, codeHash: fourMica.codeHash },
      model: `${accounts.deployer.address}/silero-vad@1`,
      accountIndex,
      ...more,
    }
    const side = fork(path.join(import.meta.dirname, script), {
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, [settingsVariable]: JSON.stringify(settings) },
      stdio: ['ignore', parameters.stdout, 'inherit', 'ipc'],
    })
    sides.push(side)
    return nextMessage(side, script)
  }
  try {
    // The devnet's accounts: the deployer, the requester, the agent.
    const { url } = v.parse(startedSchema, await startSide('seller.ts', 2))
    const bought = v.parse(boughtSchema, await startSide('buyer.ts', 1, { sellerUrl: url }))
    const answer = await fetch(`${url}/sales`)
    return { bought, sold: v.parse(salesSchema, await answer.json()) }
  } finally {
    await Promise.all(sides.map(stopSide))
  }
}

async function nextMessage(side: ChildProcess, script: string): Promise<unknown> {
  const ended = once(side, 'exit').then(([code]) => {
    throw new Error(`${script} ended with exit code ${code}, and said nothing.`)
  })
  const [message] = await Promise.race([once(side, 'message'), ended])
  ended.catch(() => {})
  return message
}

async function stopSide(side: ChildProcess): Promise<void> {
  if (side.exitCode !== null || side.signalCode !== null) return
  const exited = once(side, 'exit')
  side.kill('SIGTERM')
  await exited
}
