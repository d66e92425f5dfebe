import { connect } from 'node:net'
import { createWalletClient, http, parseEther } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDevnet, type Devnet } from './createDevnet.ts'
import { devnetAllocationManager, devnetToken, operatorRegistrar } from './generated/artifacts.ts'

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

const portOf = (devnet: Devnet) => Number(new URL(devnet.rpcUrl).port)

describe('a devnet', () => {
  let devnet: Devnet
  beforeAll(async () => {
    devnet = await createDevnet()
  })
  afterAll(() => devnet.stop())

  test('has operators that weigh 50, 30 and 20 and can vote', async () => {
    const { client, deployment, accounts } = devnet
    const registrar = { address: deployment.operatorSet, abi: operatorRegistrar.abi } as const
    const timepoint = Number(await client.getBlockNumber()) - 1
    const voters = await Promise.all(
      accounts.operators.map(({ account }) =>
        client.readContract({ ...registrar, functionName: 'getVoter', args: [account.address, timepoint] }),
      ),
    )
    expect(voters).toEqual(
      [50n, 30n, 20n].map((tokens, index) => [
        {
          canVote: true,
          index,
          weight: tokens * 10n ** 18n,
          signingKey: accounts.operators[index]?.signer.address,
        },
        100n * 10n ** 18n,
      ]),
    )
    expect(await client.readContract({ ...registrar, functionName: 'slashable' })).toBe(true)
  })

  test('is described by its deployment', async () => {
    const { client, deployment } = devnet
    expect(deployment.chainId).toBe(31_337)
    expect(await client.getChainId()).toBe(31_337)
    expect(await client.getCode({ address: deployment.avs, blockNumber: deployment.startBlock - 1n })).toBeUndefined()
    expect(await client.getCode({ address: deployment.avs, blockNumber: deployment.startBlock })).toMatch(/^0x/)
  })

  test('funds its accounts, which sign locally', async () => {
    const { chain, client, accounts, token } = devnet
    const wallet = createWalletClient({ account: accounts.requester, chain, transport: http() })
    const hash = await wallet.sendTransaction({ to: accounts.agent.address, value: parseEther('1') })
    expect(await client.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success' })
    expect(await client.getBalance({ address: accounts.agent.address })).toBe(parseEther('10001'))
    expect(
      await client.readContract({
        address: token,
        abi: devnetToken.abi,
        functionName: 'balanceOf',
        args: [accounts.requester.address],
      }),
    ).toBe(parseEther('1000000'))
  })

  test('mines on demand and goes back to a snapshot', async () => {
    const before = await devnet.client.getBlockNumber()
    const snapshot = await devnet.snapshot()
    await devnet.mine()
    await devnet.mine(9)
    expect(await devnet.client.getBlockNumber()).toBe(before + 10n)
    await devnet.revert(snapshot)
    expect(await devnet.client.getBlockNumber()).toBe(before)
  })

  test('refuses a port that is taken', async () => {
    await expect(createDevnet({ port: portOf(devnet) })).rejects.toMatchObject({
      name: 'PortInUseError',
      port: portOf(devnet),
    })
  })
})

test('two devnets run at once, and each frees its port', async () => {
  const [first, second] = await Promise.all([
    createDevnet({ chainId: 1001, stakes: [parseEther('1')] }),
    createDevnet({ chainId: 1002, stakes: [] }),
  ])
  const ports = [portOf(first), portOf(second)]
  expect(ports[0]).not.toBe(ports[1])
  expect([await first.client.getChainId(), await second.client.getChainId()]).toEqual([1001, 1002])

  await first.stop()
  expect(await isListening(ports[0] ?? 0)).toBe(false)
  expect(await second.client.getChainId()).toBe(1002)
  await second[Symbol.asyncDispose]()
  expect(await isListening(ports[1] ?? 0)).toBe(false)
  await expect(second.exited).resolves.toEqual({ code: 0, signal: null })
  await second.stop()
})

test('operators wait for their allocations to take effect', async () => {
  await using devnet = await createDevnet({ stakes: [parseEther('7')], delays: { allocation: 5 } })
  const { client, eigenLayer, accounts } = devnet
  const operators = accounts.operators.map(({ account }) => account.address)
  const stake = await client.readContract({
    address: eigenLayer.allocationManager,
    abi: devnetAllocationManager.abi,
    functionName: 'getAllocatedStake',
    args: [eigenLayer.operatorSet, operators, [eigenLayer.strategy]],
  })
  expect(stake).toEqual([[parseEther('7')]])
})

test.each([{}, { automine: true }])('with a block time, blocks come by themselves: %o', async (options) => {
  await using devnet = await createDevnet({ blockTime: 1, stakes: [], ...options })
  const before = await devnet.client.getBlockNumber()
  const block = await new Promise<bigint>((resolve, reject) => {
    const unwatch = devnet.client.watchBlockNumber({
      onBlockNumber: (number) => {
        if (number <= before) return
        unwatch()
        resolve(number)
      },
      onError: reject,
    })
  })
  expect(block).toBe(before + 1n)
})

test('with automining besides, a transaction does not wait for the next block', async () => {
  await using devnet = await createDevnet({ blockTime: 3_600, automine: true, stakes: [] })
  const { client, accounts } = devnet
  const hash = await client.sendTransaction({ account: accounts.requester, to: accounts.agent.address, value: 1n })
  expect(await client.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success' })
})

test('a setup that the contracts refuse says why, and leaves nothing running', async () => {
  const listeners = process.listenerCount('exit')
  await expect(createDevnet({ delays: { deallocation: 50 } })).rejects.toMatchObject({
    name: 'DevnetSetupError',
    message: expect.stringMatching(/a deployment by 0x\w{40} reverted with StakeNotSlashable\(58200, 50\)/),
  })
  expect(process.listenerCount('exit')).toBe(listeners)
})

test.each([
  ['port', { port: -1 }],
  ['blockTime', { blockTime: 0.5 }],
  ['chainId', { chainId: 0 }],
  ['startBlock', { startBlock: 100_801 }],
  ['stakes', { stakes: [0n] }],
  ['delays.withdrawal', { delays: { withdrawal: -1 } }],
  ['slashWad', { slashWad: 5n * 10n ** 17n + 1n }],
])('the option %s has a range', async (option, options) => {
  await expect(createDevnet(options)).rejects.toMatchObject({ name: 'InvalidDevnetOptionError', option })
})
