import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { assertDeployment, parseDeployment } from '@proof-of-inference/sdk'
import { getSeatedOperators, getSlashingTerms } from '@proof-of-inference/sdk/actions'
import { bytesToHex, getAddress } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDevnet, type Devnet, devnetMnemonic } from './index.ts'

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

async function runScript(variables: Record<string, string>, ...options: string[]) {
  const script = 'script/DeployProofOfInferenceAVS.s.sol:DeployProofOfInferenceAVS'
  const args = ['script', script, '--rpc-url', devnet.rpcUrl, '--private-key', key, ...options]
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
  await runScript(environment(), '--broadcast')
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
}, 60_000)

test('says which variable is missing, and which address is wrong', async () => {
  const { KEY_REGISTRAR: _, ...incomplete } = environment()
  await expect(runScript(incomplete)).rejects.toThrow('MissingVariable("KEY_REGISTRAR")')
  const nobody = `0x${'11'.repeat(20)}`
  await expect(runScript({ ...environment(), STRATEGIES: nobody })).rejects.toThrow(
    `ContractMissing("STRATEGIES", ${nobody}`,
  )
}, 60_000)
