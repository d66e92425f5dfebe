import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { assertDeployment, parseDeployment } from '@proof-of-inference/sdk'
import {
  getReferenceTimepoint,
  getSeatedOperators,
  getSlashingTerms,
  getTableSetTerms,
  loadTable,
} from '@proof-of-inference/sdk/actions'
import { bytesToHex, getAddress } from 'viem'
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDevnet, createL2Devnet, type Devnet, devnetMnemonic } from './index.ts'

const root = path.resolve(import.meta.dirname, '../../..')
/** A chain of its own, so that the file it writes is nobody else's. */
const chainId = 31_339
const file = path.join(root, `contracts/deployments/${chainId}.json`)

let devnet: Devnet
beforeAll(async () => {
  devnet = await createDevnet({ chainId, stakes: [] })
})
afterAll(async () => {
  await devnet?.stop()
  await rm(file, { force: true })
})

const key = bytesToHex(mnemonicToAccount(devnetMnemonic, { addressIndex: 2 }).getHdKey().privateKey ?? new Uint8Array())

/** One transaction at a time: anvil can leave one queued forever if the one before it is not in a block yet. */
const broadcast = ['--broadcast', '--slow']

function runScript(variables: Record<string, string>, ...options: string[]) {
  return run('DeployProofOfInferenceAVS', devnet.rpcUrl, variables, ...options)
}

function run(name: string, rpcUrl: string, variables: Record<string, string>, ...options: string[]) {
  const args = ['script', `script/${name}.s.sol:${name}`, '--rpc-url', rpcUrl, '--private-key', key, ...options]
  return promisify(execFile)(process.execPath, [path.join(root, 'scripts/forge.mjs'), ...args], {
    env: { ...process.env, ...variables },
  })
}

function environment(): Record<string, string> {
  return {
    ALLOCATION_MANAGER: devnet.eigenLayer.allocationManager,
    KEY_REGISTRAR: devnet.eigenLayer.keyRegistrar,
    IDENTITY_REGISTRY: devnet.deployment.identityRegistry,
    VALIDATION_REGISTRY: devnet.deployment.validationRegistry,
    STRATEGIES: devnet.eigenLayer.strategy,
    METADATA_URI: 'https://example.org/avs.json',
  }
}

test('deploys, and writes what the SDK reads', async () => {
  await runScript(environment(), ...broadcast)
  const deployment = parseDeployment(JSON.parse(await readFile(file, 'utf8')))
  expect(deployment.chainId).toBe(chainId)
  expect(deployment.avs).not.toBe(devnet.deployment.avs)
  expect(deployment.codeHashes?.slasher).toMatch(/^0x/)
  expect(deployment.slasher).not.toBe(devnet.deployment.slasher)
  expect(deployment.validationRegistry).toBe(getAddress(devnet.deployment.validationRegistry))
  expect(deployment.reputationRegistry).toBeNull()
  await assertDeployment(devnet.client, deployment)
  expect(await getSeatedOperators(devnet.client, { deployment })).toEqual([])
  expect(await getSlashingTerms(devnet.client, { deployment })).toMatchObject({ wad: 10n ** 17n, slashable: true })
}, 120_000)

test('says which variable is missing, and which address is wrong', async () => {
  const { KEY_REGISTRAR: _, ...incomplete } = environment()
  await expect(runScript(incomplete)).rejects.toThrow('MissingVariable("KEY_REGISTRAR")')
  const nobody = `0x${'11'.repeat(20)}`
  await expect(runScript({ ...environment(), STRATEGIES: nobody })).rejects.toThrow(
    `ContractMissing("STRATEGIES", ${nobody}`,
  )
}, 60_000)

test('deploys on an L2, and writes what the SDK reads', async () => {
  await using l1 = await createDevnet()
  await using l2 = await createL2Devnet({ l1, chainId: 31_340 })
  const written = path.join(root, 'contracts/deployments/31340.json')
  const variables = {
    L2_CERTIFICATE_VERIFIER: l2.tables.certificateVerifier,
    L2_IDENTITY_REGISTRY: l2.deployment.identityRegistry,
    L1_AVS: l1.deployment.avs,
    L2_MULTIPLIERS: String(10n ** 18n),
    L2_WEIGHT_LOOKAHEAD: String(14 * 86_400),
  }
  const script = 'DeployProofOfInferenceAVSL2'
  try {
    const { L1_AVS: _, ...incomplete } = variables
    await expect(run(script, l2.rpcUrl, incomplete)).rejects.toThrow('MissingVariable("L1_AVS")')
    await run(script, l2.rpcUrl, variables, ...broadcast)
    const deployment = parseDeployment(JSON.parse(await readFile(written, 'utf8')))
    expect(deployment).toMatchObject({ chainId: l2.chain.id, slasher: null, codeHashes: { slasher: null } })
    await assertDeployment(l2.client, deployment)
    expect(await getTableSetTerms(l2.client, { deployment })).toMatchObject({
      operatorSet: l1.eigenLayer.operatorSet,
      slashabilityHorizon: 13 * 86_400,
      slashable: true,
    })
    // The table that was posted before.
    const { timepoint, operators } = await loadTable(l2.client, { deployment, account: privateKeyToAccount(key) })
    expect(operators).toHaveLength(3)
    expect(await getReferenceTimepoint(l2.client, { deployment })).toBe(timepoint)
  } finally {
    await rm(written, { force: true })
  }
}, 120_000)
