import { memoryPayloadStore } from '@proof-of-inference/sdk/payload'
import { expect, test } from 'vitest'
import { createDevnet } from './createDevnet.ts'
import { runOperators } from './runOperators.ts'

const nothing = { payloads: memoryPayloadStore(), verifiers: [], runners: [] }

test('has all operators of a devnet work, until it stops them', async () => {
  await using devnet = await createDevnet()
  const before = await devnet.client.getBlockNumber()
  const events: string[] = []
  const { operators, stop } = await runOperators(devnet, {
    ...nothing,
    onEvent: ({ type }, index) => events.push(`${index} ${type}`),
  })
  expect(operators.map((operator) => operator.status().phase)).toEqual(['running', 'running', 'running'])
  expect(await devnet.client.getBlockNumber()).toBe(before + 2n)
  await stop()
  await stop()
  expect(operators.map((operator) => operator.status().phase)).toEqual(['idle', 'idle', 'idle'])
  expect([...events].sort()).toEqual(['0 started', '0 stopped', '1 started', '1 stopped', '2 started', '2 stopped'])
})

test('says why they cannot start', async () => {
  await using devnet = await createDevnet()
  const deployment = { ...devnet.deployment, chainId: 5 }
  await expect(runOperators({ ...devnet, deployment }, nothing)).rejects.toMatchObject({ name: 'ChainMismatchError' })
})
