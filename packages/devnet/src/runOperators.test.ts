import { memoryPayloadStore } from '@proof-of-inference/sdk/payload'
import { createRequester, publishModel } from '@proof-of-inference/sdk/requester'
import { defineVerifier, invalid, valid } from '@proof-of-inference/sdk/verifier'
import * as v from 'valibot'
import { createWalletClient, http, parseEther, zeroAddress } from 'viem'
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

const name = '@example/even'
const even = defineVerifier({
  name,
  revision: 1,
  scope: 'item',
  requires: [],
  policy: v.strictObject({}),
  verify: ({ claimed }) =>
    claimed.type === 'json' && Number(claimed.value) % 2 === 0
      ? valid({ evidence: null })
      : invalid({ evidence: null }),
})

test('has every one of them vote on the first request', async () => {
  await using devnet = await createDevnet()
  const payloads = memoryPayloadStore()
  const voted = new Set<number>()
  const operators = await runOperators(devnet, {
    ...{ payloads, verifiers: [even], runners: [] },
    onEvent(event, index) {
      if (event.type === 'attested') voted.add(index)
    },
  })
  const { accounts, chain, deployment } = devnet
  const client = createWalletClient({ account: accounts.requester, chain, transport: http(), pollingInterval: 50 })
  const { modelVersionId: model } = await publishModel(client, {
    ...{ deployment, payloads, name: 'even', fees: [{ asset: zeroAddress, accepted: true, minimumFee: 1n }] },
    manifest: {
      v: 1,
      name: 'even',
      weights: { digest: `0x${'11'.repeat(32)}`, format: 'none', size: 1 },
      runtimes: [],
    },
    policy: {
      v: 1,
      verifier: name,
      revision: 1,
      parameters: {},
      confidence: { valid: 9_900, invalid: 9_900 },
      references: {},
    },
  })
  const requester = createRequester({ client, deployment, payloads })
  const ask = async (value: number) => {
    const request = await requester.request({
      ...{ model, input: { type: 'json', value: null }, payee: accounts.agent.address, reward: parseEther('0.01') },
      output: {
        type: 'json',
        value,
        runtime: {
          ...{ engine: 'none', version: '1', provider: 'cpu', threads: 1, optimization: 'none' },
          weightsDigest: `0x${'11'.repeat(32)}`,
        },
      },
      deadline: { seconds: 120 },
      quorumBps: 10_000,
    })
    return (await request.outcome({ pollingInterval: 50 })).status
  }
  expect(await ask(2)).toBe('verified')
  expect(await ask(3)).toBe('rejected')
  expect([...voted].sort()).toEqual([0, 1, 2])
  await operators.stop()
})
