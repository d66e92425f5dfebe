import { getAddress } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDevnet, type Devnet } from './createDevnet.ts'
import { createL2Devnet, type L2Devnet } from './createL2Devnet.ts'
import { devnetECDSACertificateVerifier, operatorTableSet } from './generated/artifacts.ts'

let l1: Devnet
let l2: L2Devnet
beforeAll(async () => {
  l1 = await createDevnet()
  l2 = await createL2Devnet({ l1 })
})
afterAll(async () => {
  await l2?.stop()
  await l1?.stop()
})

const readLatest = () =>
  l2.client.readContract({
    address: l2.deployment.operatorSet,
    abi: operatorTableSet.abi,
    functionName: 'latestLoaded',
  })

test('has a table of the operators and stakes on L1', async () => {
  expect(l2.chain.id).toBe(l1.chain.id + 1)
  expect(l2.deployment).toMatchObject({ chainId: l2.chain.id, slasher: null, codeHashes: { slasher: null } })
  const infos = await l2.client.readContract({
    address: l2.tables.certificateVerifier,
    abi: devnetECDSACertificateVerifier.abi,
    functionName: 'getOperatorInfos',
    args: [l1.eigenLayer.operatorSet, await readLatest()],
  })
  const expected = l1.accounts.operators.map(({ signer, stake }) => ({ pubkey: signer.address, weights: [stake] }))
  expect(infos).toEqual(expected)
  expect(getAddress(l2.deployment.avs)).not.toBe(getAddress(l1.deployment.avs))
})

test('posts tables after the latest block and before the next', async () => {
  const snapshot = await l2.snapshot()
  const before = await l2.client.getBlock()
  const loaded = await l2.postTable()
  const posted = await l2.postTable({ load: false })
  expect(loaded).toBeGreaterThan(Number(before.timestamp))
  expect(posted).toBeGreaterThan(loaded)
  expect((await l2.client.getBlock()).timestamp).toBeGreaterThan(BigInt(posted))
  expect(await readLatest()).toBe(loaded)
  await l2.revert(snapshot)
})

test('refuses what it cannot be', async () => {
  const invalid = (option: string) => ({ name: 'InvalidDevnetOptionError', option })
  await expect(createL2Devnet({ l1, chainId: l1.chain.id })).rejects.toMatchObject(invalid('chainId'))
  await expect(createL2Devnet({ l1, maxStaleness: 0.5 })).rejects.toMatchObject(invalid('maxStaleness'))
  await expect(createL2Devnet({ l1, tableSet: { weightLookahead: 1 } })).rejects.toMatchObject({
    name: 'DevnetSetupError',
    message: expect.stringContaining('StakeNotSlashable'),
  })
})
