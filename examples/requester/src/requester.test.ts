import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { parseDeployment } from '@proof-of-inference/sdk'
import { expect, test } from 'vitest'
import { createAgent } from './agent.ts'
import { buy } from './buy.ts'
import { withMarket } from './market.ts'
import { createInput, infer, tamper } from './model.ts'

const root = path.resolve(import.meta.dirname, '../../..')

test('an app buys an answer that is what the model says, and one that is not', async () => {
  await withMarket(async ({ accounts, connect, ...market }) => {
    const { deployment } = market
    const client = connect(accounts.requester)
    const agent = await createAgent(connect(accounts.agent), { deployment, infer })
    const { outcome, receipt } = await buy(client, market, agent, createInput())
    expect(outcome).toMatchObject({ status: 'verified', response: 99 })
    expect(receipt).toMatchObject({ status: 'verified', response: 99 })
    expect(receipt.proven.length).toBeGreaterThan(8)

    const liar = { ...agent, ask: async () => tamper(await infer(createInput())) }
    const lied = await buy(client, market, liar, createInput())
    expect(lied.outcome).toMatchObject({ status: 'rejected', response: 0 })
    expect(lied.receipt).toMatchObject({ status: 'rejected', response: 0 })
  })
}, 120_000)

/** The first TypeScript of the readme: what it takes to have one inference verified. */
async function readFirstLines(): Promise<string> {
  const readme = await readFile(path.join(root, 'README.md'), 'utf8')
  const block = /^```ts\n(.*?)^```$/ms.exec(readme)
  if (block?.[1] === undefined) throw new Error('README.md has no TypeScript.')
  // Nothing comes before it but the title and the introduction.
  expect(readme.slice(0, block.index)).not.toMatch(/^##|^```/m)
  return block[1]
}

test('the lines of the readme are few, and need nothing but published packages', async () => {
  const lines = await readFirstLines()
  expect(lines.trimEnd().split('\n').length).toBeLessThanOrEqual(20)
  const imported = [...lines.matchAll(/from '([^']+)'/g)].map(([, name]) => name)
  expect(imported.length).toBeGreaterThan(2)
  for (const name of imported) expect(name).toMatch(/^(node:fs\/promises|viem|@proof-of-inference\/sdk(\/[a-z]+)?)$/)
})

test.each([
  ['verified', 'output'],
  ['rejected', 'tamper(output)'],
])(
  'the lines of the readme tell an output that is %s',
  async (status, output) => {
    const lines = await readFirstLines()
    const directory = await mkdtemp(path.join(import.meta.dirname, '../.readme-'))
    try {
      // The app that they are added to, the lines as they are, and what they find.
      const script = [
        "import * as app from '../src/app.ts'",
        "import { tamper } from '../src/model.ts'",
        `const { client, input } = app`,
        `const output = ${output.replace('output', 'app.output')}`,
        lines,
        'console.log(JSON.stringify({ status, response }))',
      ]
      await writeFile(path.join(directory, 'verify.ts'), script.join('\n'))
      const stdout = await withMarket(async (market) => {
        await writeFile(path.join(directory, 'market.json'), market.file)
        const options = { cwd: directory, env: { ...process.env, RPC_URL: market.rpcUrl } }
        return (await promisify(execFile)(process.execPath, ['--import', 'tsx', 'verify.ts'], options)).stdout
      })
      expect(JSON.parse(stdout)).toEqual({ status, response: status === 'verified' ? 99 : 0 })
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
  120_000,
)

test('a market says how to choose another port', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const address = server.address()
    const port = typeof address === 'object' ? String(address?.port) : ''
    const args = ['--import', 'tsx', path.join(import.meta.dirname, 'serve.ts')]
    const serving = promisify(execFile)(process.execPath, args, { env: { ...process.env, PORT: port } })
    await expect(serving).rejects.toMatchObject({
      code: 1,
      stderr: `Port ${port} is in use: choose another with PORT=, as in PORT=8645 npm run market.\n`,
    })
  } finally {
    server.close()
  }
}, 60_000)

test('a market runs until it is stopped', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'proof-of-inference-market-'))
  const serve = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), path.join(import.meta.dirname, 'serve.ts')],
    {
      cwd: directory,
      env: { ...process.env, PORT: '0', TSX_TSCONFIG_PATH: path.join(root, 'tsconfig.json') },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  try {
    await once(serve.stdout, 'data')
    const { deployment, model } = JSON.parse(await readFile(path.join(directory, 'market.json'), 'utf8'))
    expect(parseDeployment(deployment).chainId).toBe(31_337)
    expect(model).toMatch(/silero-vad@1$/)
    serve.kill('SIGINT')
    expect(await once(serve, 'close')).toEqual([0, null])
    expect(await readdir(directory)).toEqual([])
  } finally {
    serve.kill('SIGKILL')
    await rm(directory, { recursive: true, force: true })
  }
}, 120_000)
