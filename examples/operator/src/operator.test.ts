import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { createDevnet, createPayloadServer, devnetMnemonic } from '@proof-of-inference/devnet'
import { refreshWeights } from '@proof-of-inference/sdk/actions'
import { digest, httpPayloadStore, type InferenceInput } from '@proof-of-inference/sdk/payload'
import { createRequester, publishModel } from '@proof-of-inference/sdk/requester'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { exact } from '@proof-of-inference/verifier-exact'
import {
  bytesToHex,
  createClient,
  createWalletClient,
  custom,
  type Hex,
  http,
  type LocalAccount,
  zeroAddress,
} from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { checkHealth } from './health.ts'
import { readSettings, variables } from './settings.ts'
import { createStop } from './stop.ts'

const main = path.join(import.meta.dirname, 'main.ts')

type Process = ChildProcessByStdio<null, Readable, Readable>
type Environment = { [name: string]: string }

let directory: string
let processes: Process[]
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'proof-of-inference-operator-'))
  processes = []
})
afterEach(async () => {
  for (const each of processes) if (each.exitCode === null && each.signalCode === null) each.kill('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

/** Runs the operator as somebody would who has nothing else in the environment. */
function start(environment: Environment, ...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  processes.push(child)
  const output = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk
      for (const look of waiting) look()
    })
  const closed = once(child, 'close').then(([code]) => code)
  const lines = () =>
    output.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  return {
    child,
    output,
    closed,
    lines,
    /** The first line that says so. */
    async logged(message: string) {
      const find = () => lines().find((line) => line.message === message)
      const found = new Promise<void>((resolve) => {
        const look = () => find() && resolve()
        waiting.add(look)
        look()
      })
      await Promise.race([
        found,
        closed.then((code) => {
          throw new Error(`It ended with ${code} without saying ${message}:\n${output.stdout}${output.stderr}`)
        }),
      ])
      return find()
    },
  }
}

/** Keys of the devnet's accounts, which everybody has. */
function keyOf(addressIndex: number): Hex {
  const { privateKey } = mnemonicToAccount(devnetMnemonic, { addressIndex }).getHdKey()
  return bytesToHex(privateKey ?? new Uint8Array())
}

async function loadModel() {
  const folder = path.dirname(createRequire(import.meta.url).resolve('@ricky0123/vad-web'))
  const weights = new Uint8Array(await readFile(path.join(folder, 'silero_vad_v5.onnx')))
  const named = { digest: await digest(weights), format: 'onnx', size: weights.length }
  return { weights, manifest: { v: 1 as const, name: 'silero-vad', weights: named, runtimes: [] } }
}

const input: InferenceInput = {
  type: 'tensors',
  tensors: {
    input: { dtype: 'float32', dims: [1, 576], data: new Float32Array(576) },
    state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
    sr: { dtype: 'int64', dims: [], data: BigInt64Array.of(16_000n) },
  },
}

async function setUp() {
  const devnet = await createDevnet({ stakes: [10n ** 18n], registrar: { maxWeightAge: 100 } })
  const server = await createPayloadServer()
  const { accounts, chain, deployment } = devnet
  const file = path.join(directory, 'deployment.json')
  await writeFile(file, JSON.stringify({ ...deployment, startBlock: String(deployment.startBlock) }))
  await writeFile(path.join(directory, 'signing-key'), `${keyOf(4)}\n`, { mode: 0o600 })
  const environment = {
    RPC_URL: devnet.rpcUrl,
    DEPLOYMENT: file,
    PAYLOADS_URL: server.url,
    PAYLOADS_PRIVATE_NETWORK: 'true',
    STATE_DIRECTORY: path.join(directory, 'state'),
    ACCOUNT_KEY: keyOf(3),
    SIGNING_KEY_FILE: path.join(directory, 'signing-key'),
    POLLING_INTERVAL: '50',
    HEALTH_PORT: '0',
    MAX_LAG: '1000',
  }
  const payloads = httpPayloadStore({ url: server.url, allowPrivateNetwork: true })
  const connect = (account: LocalAccount) =>
    createWalletClient({ account, chain, transport: http(), pollingInterval: 50 })
  const fees = [{ asset: zeroAddress, accepted: true, minimumFee: 1n }]
  const model = await loadModel()
  const { modelVersionId } = await publishModel(connect(accounts.deployer), {
    ...{ deployment, payloads, name: 'silero-vad', policy: exact.policy(), fees },
    ...model,
  })
  const runner = await onnx().load(model)
  const output = await runner.run(input)
  await runner.dispose()
  const requester = createRequester({ client: connect(accounts.requester), deployment, payloads })
  return {
    devnet,
    environment,
    async refresh() {
      const operators = accounts.operators.map(({ account }) => account.address)
      await refreshWeights(connect(accounts.deployer), { deployment, operators })
      await devnet.mine(2)
    },
    request: () => requester.request({ model: modelVersionId, input, output, reward: 0n, deadline: { seconds: 120 } }),
    [Symbol.asyncDispose]: async () => {
      await server.stop()
      await devnet.stop()
    },
  }
}

test('verifies, tells how it is, and stops', async () => {
  await using stage = await setUp()
  const { devnet, environment } = stage
  const first = start(environment)
  const { port } = await first.logged('listening')
  await first.logged('started')
  await devnet.mine(2)
  const ask = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/health`)
    return { code: response.status, health: await response.json() }
  }
  expect(await ask()).toMatchObject({
    code: 200,
    health: { isHealthy: true, status: { phase: 'running', verifying: 0 }, weight: String(10n ** 18n) },
  })
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)

  const request = await stage.request()
  expect(await request.outcome({ pollingInterval: 50 })).toMatchObject({ status: 'verified' })
  expect(await first.logged('verified')).toMatchObject({ level: 'info', requestId: request.id, verdict: 'valid' })
  await first.logged('settled')

  // Nobody has refreshed its weight: it does not vote on what is requested now.
  await devnet.mine(200)
  expect(await ask()).toMatchObject({ code: 503, health: { reason: expect.stringContaining('no vote') } })
  await stage.refresh()
  expect(await ask()).toMatchObject({ code: 200 })

  first.child.kill('SIGTERM')
  expect(await first.closed).toBe(0)
  expect(first.lines().at(-1)).toMatchObject({ message: 'stopped' })
  await expect(ask()).rejects.toThrow('fetch failed')
  expect(first.output.stderr).toBe('')
  for (const index of [3, 4]) expect(first.output.stdout).not.toContain(keyOf(index).slice(2))

  // It goes on where it stopped, and is told to stop while a vote waits for a block.
  const second = start(environment)
  await second.logged('started')
  const { client } = devnet
  const waitForTransaction = () =>
    vi.waitFor(async () => expect(await client.getTxpoolStatus()).toMatchObject({ pending: 1 }), 30_000)
  await client.setAutomine(false)
  const opening = stage.request()
  await waitForTransaction()
  await devnet.mine()
  const { id } = await opening
  await waitForTransaction()
  second.child.kill('SIGINT')
  await second.logged('stopping')
  await devnet.mine()
  expect(await second.closed).toBe(0)
  const ends = second.lines().filter(({ message }) => ['stopping', 'attested', 'stopped'].includes(message))
  expect(ends).toMatchObject([{ message: 'stopping' }, { message: 'attested', requestId: id }, { message: 'stopped' }])
  expect(second.lines().filter(({ message }) => message === 'seen')).toHaveLength(1)
}, 120_000)

test('stops after a time, whatever is left', () => {
  vi.useFakeTimers()
  try {
    const requests = { seen: 0, fetched: 0, verified: 1, committed: 0, revealed: 0, attested: 0 }
    const progress = { head: 1n, cursor: 1n, requests, signed: 0, verifying: 0, transactions: 1 }
    const stop = createStop({ status: () => ({ phase: 'running', ...progress }), timeout: 1_000 })
    stop.begin()
    vi.advanceTimersByTime(999)
    expect(stop.signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(stop.signal.aborted).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('says what cannot be: another chain', async () => {
  await using stage = await setUp()
  const other = path.join(directory, 'other.json')
  const { deployment } = stage.devnet
  await writeFile(other, JSON.stringify({ ...deployment, startBlock: '0', chainId: 5 }))
  const { closed, lines } = start({ ...stage.environment, DEPLOYMENT: other })
  expect(await closed).toBe(1)
  expect(lines().at(-1)).toMatchObject({ level: 'error', error: expect.stringContaining('ChainMismatchError') })
}, 60_000)

test('says what keeps it from working: keys, a port, a directory, a store, a node', async () => {
  await using stage = await setUp()
  const { environment } = stage
  const running = start({ ...environment, ACCOUNT_KEY: keyOf(4) })
  const { port } = await running.logged('listening')
  expect(await running.logged('not healthy')).toMatchObject({
    level: 'warn',
    reason: expect.stringContaining('no vote'),
  })
  // As npm has it, which runs scripts in the folder of the package.
  const relative = { ...environment, INIT_CWD: directory, DEPLOYMENT: 'deployment.json' }
  for (const [wrong, sentence] of [
    [{ HEALTH_PORT: String(port) }, `HEALTH_PORT: it cannot listen at ${port} (EADDRINUSE)`],
    [
      { STATE_DIRECTORY: 'signing-key' },
      `STATE_DIRECTORY: ${directory}/signing-key cannot be made a directory (EEXIST)`,
    ],
    [{}, `the store at ${environment.STATE_DIRECTORY} is used by another process`],
    [{ RPC_URL: 'http://127.0.0.1:1' }, 'RPC_URL could not be reached'],
  ] as const) {
    const { closed, lines } = start({ ...relative, ...wrong })
    expect(await closed).toBe(1)
    expect(lines().at(-1)).toMatchObject({ error: expect.stringContaining(sentence) })
  }
}, 120_000)

test.each([
  ['the chain does not answer', undefined],
  ['it is 51 blocks behind the node', '0x97'],
])('is not healthy where %s', async (reason, head) => {
  const requests = { seen: 0, fetched: 0, verified: 0, committed: 0, revealed: 0, attested: 0 }
  const progress = { head: 100n, cursor: 100n, requests, signed: 0, verifying: 0, transactions: 0 }
  const operator = { status: () => ({ phase: 'running' as const, ...progress }) }
  const request = async () => {
    if (head === undefined) throw new Error('down')
    return head
  }
  const client = createClient({ transport: custom({ request }, { retryCount: 0 }) })
  const address = mnemonicToAccount(devnetMnemonic).address
  const contracts = { avs: address, modelRegistry: address, operatorSet: address, identityRegistry: address }
  const none = { slasher: null, validationRegistry: null, reputationRegistry: null }
  const deployment = { chainId: 1, startBlock: 0n, ...contracts, ...none }
  const parts = { operator, client, deployment, address, signer: address, maxLag: 50 }
  expect(await checkHealth(parts)).toMatchObject({ isHealthy: false, reason: expect.stringContaining(reason) })
})

test('explains its settings', async () => {
  const { closed, output } = start({}, '--help')
  expect(await closed).toBe(0)
  for (const [name] of variables) expect(output.stdout).toContain(`  ${name} `)
}, 60_000)

test('names every setting that is wrong, and shows no secret', async () => {
  const secret = '12'.repeat(31)
  const { closed, output } = start({ ACCOUNT_KEY: `0x${secret}`, SIGNING_KEY_FILE: '/nowhere', RPC_URL: 'ftp://x' })
  expect(await closed).toBe(2)
  expect(output.stderr).not.toContain(secret)
  expect(output.stderr).toContain('ACCOUNT_KEY has no private key: put 0x and 64 hex digits there\n')
  expect(output.stderr).toContain('SIGNING_KEY_FILE names /nowhere, which cannot be read (ENOENT)')
  expect(output.stderr).toContain('RPC_URL is no HTTP address: set it to one\n')
  for (const name of ['DEPLOYMENT', 'PAYLOADS_URL', 'STATE_DIRECTORY'])
    expect(output.stderr).toContain(`  ${name} is not set: `)
}, 60_000)

test.each([
  ['CONCURRENCY', '0'],
  ['MAX_LAG', '-1'],
  ['MINIMUM_FEE', '1e-3'],
  ['OPERATOR', '0x12'],
  ['PAYLOADS_PRIVATE_NETWORK', 'yes'],
  ['ACCOUNT_KEY', `0x${'00'.repeat(32)}`],
])('refuses %s=%s', async (name, value) => {
  const issues = readSettings({ [name]: value }).catch((error: { issues: string[] }) => error.issues)
  expect(await issues).toContainEqual(expect.stringMatching(new RegExp(`^${name} (has|is) (no|neither) `)))
})

test.each([
  ['http://127.0.0.1:8546', true],
  ['http://localhost:8546', true],
  ['http://[::1]:8546', true],
  ['https://10.payloads.example.com', false],
  ['https://8.8.8.8', false],
])('wants to be told that %s is on a private network: %s', async (url, isTold) => {
  const issues = await readSettings({ PAYLOADS_URL: url }).catch((error: { issues: string[] }) => error.issues)
  const issue = 'PAYLOADS_URL is on a private network: set PAYLOADS_PRIVATE_NETWORK=true'
  expect(issues).toEqual(isTold ? expect.arrayContaining([issue]) : expect.not.arrayContaining([issue]))
})
