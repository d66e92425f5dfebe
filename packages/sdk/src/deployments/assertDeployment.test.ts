import { keccak256 } from 'viem'
import { expect, test } from 'vitest'
import { createFakeContracts, FakeRevert, fakeDeployment } from '../../test/fakeContracts.ts'
import { assertDeployment } from './assertDeployment.ts'

test('asks the node once per client and deployment', async () => {
  const { client, requests } = createFakeContracts()
  await Promise.all([assertDeployment(client, fakeDeployment), assertDeployment(client, { ...fakeDeployment })])
  const asked = requests.length
  expect(asked).toBe(1 + 4 + 5)
  await assertDeployment(client, fakeDeployment)
  expect(requests).toHaveLength(asked)
  const codeHash = keccak256('0x60')
  const codeHashes = { avs: codeHash, modelRegistry: codeHash, operatorSet: codeHash, slasher: null }
  await assertDeployment(client, { ...fakeDeployment, codeHashes })
  expect(requests).toHaveLength(2 * asked)
})

test('does not remember a failure', async () => {
  let chainId = '0x1'
  const { client } = createFakeContracts({ rpc: { eth_chainId: () => chainId } })
  await expect(assertDeployment(client, fakeDeployment)).rejects.toMatchObject({
    name: 'ChainMismatchError',
    expected: 31_337,
    actual: 1,
  })
  chainId = '0x7a69'
  await assertDeployment(client, fakeDeployment)
})

test('tells an unreachable node from a wrong deployment', async () => {
  const down = createFakeContracts({
    contract: {
      operatorSet: () => {
        throw new Error('down')
      },
    },
  })
  await expect(assertDeployment(down.client, fakeDeployment)).rejects.toMatchObject({
    name: 'ContractFunctionExecutionError',
  })
  const other = createFakeContracts({
    contract: {
      operatorSet: () => {
        throw new FakeRevert('0x')
      },
    },
  })
  await expect(assertDeployment(other.client, fakeDeployment)).rejects.toMatchObject({
    name: 'DeploymentMismatchError',
    contract: 'operatorSet',
    actual: null,
  })
})

test('checks the chain of the client as well', async () => {
  const { client } = createFakeContracts()
  const chain = {
    id: 5,
    name: 'other',
    nativeCurrency: { name: '', symbol: '', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  }
  await expect(assertDeployment({ ...client, chain }, fakeDeployment)).rejects.toMatchObject({
    name: 'ChainMismatchError',
    actual: 5,
  })
})

test('asks EigenLayer and the slasher for each other', async () => {
  const slasher = '0xa000000000000000000000000000000000000005'
  const other = '0xa000000000000000000000000000000000000006'
  const deployment = { ...fakeDeployment, slasher } as const
  const answers = {
    allocationManager: () => '0xa000000000000000000000000000000000000007',
    operatorSetId: () => 3,
    getSlasher: ({ avs, id }: { avs: string; id: number }) =>
      avs.toLowerCase() === fakeDeployment.avs && id === 3 ? slasher : other,
    avs: () => fakeDeployment.avs,
  }
  await assertDeployment(createFakeContracts({ contract: answers }).client, deployment)
  const check = (contract: typeof answers, error: object) =>
    expect(assertDeployment(createFakeContracts({ contract }).client, deployment)).rejects.toMatchObject({
      contract: 'slasher',
      ...error,
    })
  const mismatch = { name: 'DeploymentMismatchError', link: 'allocationManager.getSlasher', expected: slasher }
  await check({ ...answers, operatorSetId: () => 4 }, { ...mismatch, actual: other })
  const noAnswer = () => {
    throw new FakeRevert('0x')
  }
  await check({ ...answers, getSlasher: noAnswer }, { ...mismatch, actual: null })
  await check({ ...answers, allocationManager: noAnswer }, { ...mismatch, actual: null })
  await check(
    { ...answers, avs: () => other },
    { name: 'DeploymentMismatchError', link: 'slasher.avs', expected: fakeDeployment.avs, actual: other },
  )
})
