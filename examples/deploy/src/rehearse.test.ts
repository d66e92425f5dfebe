import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { createRehearsal } from '@proof-of-inference/devnet'
import { chains, parseDeployment } from '@proof-of-inference/sdk'
import { expect, test } from 'vitest'
import { describe } from './describe.ts'
import { createPlan, deployable } from './plan.ts'
import { rehearse } from './rehearse.ts'

const main = path.join(import.meta.dirname, 'main.ts')
const deployments = path.resolve(import.meta.dirname, '../../../contracts/deployments')

function run(args: readonly string[]) {
  return promisify(execFile)(process.execPath, ['--import', 'tsx', main, ...args], { env: process.env })
}

test('knows where the market can be deployed', () => {
  expect(deployable.map(({ chainId }) => chainId)).toEqual([1, 8453, 84_532, 11_155_111])
})

test.each(deployable)(
  'rehearses the deployment on $name',
  async ({ chainId, registries, eigenLayer }) => {
    const report = await rehearse(createPlan(chainId, {}))
    const { identityRegistry, reputationRegistry } = registries
    expect(report.deployment).toMatchObject({ chainId, identityRegistry, reputationRegistry, validationRegistry: null })
    const names = report.created.map(({ contract }) => contract)
    expect(names).toEqual(
      eigenLayer === null
        ? ['modelRegistry', 'operatorSet', 'avs']
        : ['modelRegistry', 'operatorSet', 'slasher', 'avs'],
    )
    // On testnets stake can leave after 50 blocks.
    expect(report.slashable).toBe(chainId === 1 || chainId === 8453)
    const text = describe(report)
    for (const [name, value] of Object.entries(report.variables))
      if (report.unknowns.every(({ variable }) => variable !== name))
        expect(text).toContain(`export ${name}=${value}\n`)
    for (const { variable, why } of report.unknowns) expect(text).toMatch(new RegExp(`${variable} +${why}`))
    // Nothing is left that could be taken for the real deployment's.
    expect(await readdir(deployments)).not.toContain(`${chainId}.json`)
  },
  120_000,
)

test('deploys what the environment says, and tables for other chains', async () => {
  const validation = '0x5000000000000000000000000000000000000003'
  const given = {
    STRATEGIES: '0x5000000000000000000000000000000000000004,0x5000000000000000000000000000000000000005',
    VALIDATION_REGISTRY: validation,
    TABLE_CALCULATOR: '0x5000000000000000000000000000000000000006',
    OWNER: '0x5000000000000000000000000000000000000007',
    METADATA_URI: 'https://example.org/avs.json',
  }
  const plan = createPlan(1, given)
  expect(plan.unknowns).toEqual([])
  expect(plan.variables).toMatchObject({ ...given, CROSS_CHAIN_REGISTRY: chains[1].eigenLayer.crossChainRegistry })
  expect((await rehearse(plan)).deployment.validationRegistry).toBe(validation)
}, 120_000)

test('says what the script refuses', async () => {
  const plan = createPlan(1, {})
  const variables = { ...plan.variables, EVIDENCE_WINDOW: String(40 * 86_400) }
  await expect(rehearse({ ...plan, variables })).rejects.toThrow('StakeNotSlashable')
  const onTestnet = createPlan(11_155_111, {})
  const { WAIVE_SLASHABILITY: _, ...rest } = onTestnet.variables
  await expect(rehearse({ ...onTestnet, variables: rest })).rejects.toThrow('StakeNotSlashable')
}, 120_000)

test('asks the real chain where it is told one', async () => {
  // Another rehearsal stands for the real chain.
  await using real = await createRehearsal({ contracts: chains[84532] })
  const plan = createPlan(84_532, {})
  const { rpcUrl } = real
  const report = await rehearse(plan, { rpcUrl })
  expect(report.checked[0]).toContain('the real chain 84532')
  expect(describe(report)).not.toContain('the contracts there')
  expect(describe(await rehearse(plan))).toContain('the contracts there')
  await expect(rehearse(createPlan(1, {}), { rpcUrl })).rejects.toMatchObject({ name: 'ChainMismatchError' })
  await real.client.setCode({ address: chains[84532].certificateVerifier, bytecode: '0x' })
  await expect(rehearse(plan, { rpcUrl })).rejects.toMatchObject({ name: 'ContractCodeMissingError' })
}, 120_000)

test.each([
  ['a chain without EigenLayer', 42_161, {}, 'cannot be deployed on chain 42161'],
  ['another contract than is there', 1, { KEY_REGISTRAR: `0x${'11'.repeat(20)}` }, 'KEY_REGISTRAR is 0x1111'],
  ['no address', 1, { STRATEGIES: '0x12' }, 'STRATEGIES has 0x12'],
  ['half of the tables', 1, { CROSS_CHAIN_REGISTRY: chains[1].eigenLayer.crossChainRegistry }, 'TABLE_CALCULATOR'],
])('refuses %s', (_, chainId, environment, message) => {
  expect(() => createPlan(chainId, environment)).toThrow(message)
})

test('on the command line', async () => {
  const wrong = {
    usage: [['--chain', 'one'], [], ['--all', '--rpc-url', 'http://127.0.0.1:1']],
    chain: ['--chain', '5'],
  }
  await Promise.all([
    expect(run(['--help'])).resolves.toMatchObject({
      stdout: expect.stringMatching(/--chain <id>.*11155111 \(Sepolia\)/s),
    }),
    ...wrong.usage.map((args) => expect(run(args)).rejects.toMatchObject({ code: 2 })),
    expect(run(wrong.chain)).rejects.toMatchObject({ code: 1 }),
  ])
  const out = await mkdtemp(path.join(tmpdir(), 'proof-of-inference-deploy-'))
  try {
    const { stdout } = await run(['--chain', '8453', '--json', '--out', out])
    const [report] = JSON.parse(stdout)
    const written = parseDeployment(JSON.parse(await readFile(path.join(out, '8453.json'), 'utf8')))
    expect(written).toEqual(parseDeployment(report.deployment))
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}, 120_000)
