import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { parseDeployment } from '@proof-of-inference/sdk'
import { memoryPayloadStore } from '@proof-of-inference/sdk/payload'
import { createRequester, publishModel } from '@proof-of-inference/sdk/requester'
import { exact } from '@proof-of-inference/verifier-exact'
import { createPublicClient, createWalletClient, http, zeroAddress } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { anvil } from 'viem/chains'
import { expect, test } from 'vitest'
import { devnetMnemonic } from './accounts.ts'
import { createPayloadServer } from './payloadServer.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const cli = fileURLToPath(new URL('cli.ts', import.meta.url))

type Command = ChildProcessByStdio<null, Readable, Readable>

function start(...args: readonly string[]): Command {
  return spawn(process.execPath, ['--import', 'tsx', cli, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
}

function firstLine(command: Command): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    command.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      if (output.includes('\n')) resolve(output.slice(0, output.indexOf('\n')))
    })
    command.once('close', (code) => reject(new Error(`It ended with code ${code}: ${output}`)))
  })
}

async function finish(command: Command): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let stdout = ''
  let stderr = ''
  command.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  command.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const code = await new Promise<number | null>((resolve) => command.once('close', resolve))
  return { code, stdout, stderr }
}

test('prints the devnet, runs until Ctrl-C, and frees the port', async () => {
  const command = start(...['--json', '--idle', '--port', '0', '--payloads', '0', '--operators', '2,1'])
  const printed = JSON.parse(await firstLine(command))
  const { chainId } = parseDeployment(printed.deployment)
  expect(printed.accounts.operators).toHaveLength(2)
  const client = createPublicClient({ transport: http(printed.rpcUrl, { retryCount: 0 }) })
  expect(await client.getChainId()).toBe(chainId)

  const finished = finish(command)
  command.kill('SIGINT')
  expect(await finished).toMatchObject({ code: 0, stderr: '' })
  await expect(client.getChainId()).rejects.toThrow()
})

test('runs operators unless told not to, and writes the deployment to a file', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'devnet-'))
  try {
    const file = path.join(folder, 'deployment.json')
    const command = start(...['--json', '--port', '0', '--payloads', '0', '--deployment', file])
    const printed = JSON.parse(await firstLine(command))
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(printed.deployment)
    expect(new URL(printed.payloadsUrl).hostname).toBe('127.0.0.1')
    const finished = finish(command)
    command.kill('SIGINT')
    expect(await finished).toMatchObject({ code: 0, stderr: '' })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a request that nobody votes on expires', async () => {
  const command = start(...['--json', '--idle', '--port', '0', '--payloads', '0'])
  const printed = JSON.parse(await firstLine(command))
  const deployment = parseDeployment(printed.deployment)
  const client = createWalletClient({
    account: mnemonicToAccount(devnetMnemonic, { addressIndex: 1 }),
    chain: anvil,
    transport: http(printed.rpcUrl),
    pollingInterval: 50,
  })
  const payloads = memoryPayloadStore()
  const weights = { digest: `0x${'11'.repeat(32)}`, format: 'none', size: 1 } as const
  const { modelVersionId: model } = await publishModel(client, {
    ...{ deployment, payloads, name: 'any', policy: exact.policy() },
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: 1n }],
    manifest: { v: 1, name: 'any', weights, runtimes: [] },
  })
  const runtime = { engine: 'none', version: '1', provider: 'cpu', threads: 1, optimization: 'none' }
  const request = await createRequester({ client, deployment, payloads }).request({
    ...{ model, input: { type: 'json', value: null }, payee: client.account.address, reward: 0n },
    output: { type: 'json', value: null, runtime: { ...runtime, weightsDigest: weights.digest } },
    deadline: { seconds: 2 },
  })
  expect(await request.outcome()).toMatchObject({ status: 'expired' })
  const finished = finish(command)
  command.kill('SIGINT')
  expect(await finished).toMatchObject({ code: 0, stderr: '' })
})

test.each([
  ["--operators takes whole amounts such as 50,30,20, each from 1 to 99999999, not 'many'.", '--operators', 'many'],
  ["--operators takes whole amounts such as 50,30,20, each from 1 to 99999999, not '0'.", '--operators', '0'],
  ["--port takes a whole number from 0 to 65535, not '99999'.", '--port', '99999'],
  ["--block-time takes a whole number from 1 to 3600, not '0'.", '--block-time', '0'],
  ["Unknown option '--colour'.", '--colour'],
])('says what is wrong with its arguments: %s', async (sentence, ...args) => {
  const { code, stderr } = await finish(start(...args))
  expect({ code, stderr }).toEqual({ code: 2, stderr: `${sentence} --help says more.\n` })
})

test('says which flag to change where a port is taken, or a file cannot be written', async () => {
  await using server = await createPayloadServer()
  const { port } = new URL(server.url)
  for (const flag of ['port', 'payloads'])
    expect(await finish(start('--idle', '--port', '0', '--payloads', '0', `--${flag}`, port))).toMatchObject({
      code: 1,
      stderr: `Port ${port} is in use: choose another with --${flag}.\n`,
    })
  const file = path.join(root, 'missing/deployment.json')
  expect(await finish(start('--idle', '--port', '0', '--payloads', '0', '--deployment', file))).toMatchObject({
    code: 1,
    stderr: `--deployment ${file} could not be written (ENOENT): name a file in a folder that exists.\n`,
  })
})

test('explains itself', async () => {
  expect(await finish(start('--help'))).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Usage: proof-of-inference-devnet'),
  })
})
