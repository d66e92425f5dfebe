import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { parseDeployment } from '@proof-of-inference/sdk'
import { createPublicClient, http } from 'viem'
import { expect, test } from 'vitest'

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

test('says what is wrong with its arguments', async () => {
  expect(await finish(start('--operators', 'many'))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--operators takes whole amounts such as 50,30,20, not 'many'."),
  })
  expect(await finish(start('--colour'))).toMatchObject({ code: 2, stderr: expect.stringContaining('--colour') })
})

test('explains itself', async () => {
  expect(await finish(start('--help'))).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Usage: proof-of-inference-devnet'),
  })
})
