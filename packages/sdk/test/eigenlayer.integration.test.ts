import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import { getCheckpoint, getTotalWeight } from '@proof-of-inference/sdk/actions'
import {
  assertEigenLayer,
  deregisterFromOperatorSets,
  deregisterKey,
  type EigenLayerDeployment,
  eigenLayerDeployments,
  getAllocatableMagnitude,
  getAllocation,
  getAllocationDelay,
  getAllocations,
  getMembers,
  getOperatorSet,
  getOperatorShares,
  getSigningKey,
  getSlashableStake,
  hashKeyRegistration,
  isKeyRegistered,
  isMemberOfOperatorSet,
  isOperator,
  joinOperatorSet,
  keyRegistrarAbi,
  modifyAllocations,
  registerAsOperator,
  registerForOperatorSets,
  registerKey,
  setAllocationDelay,
  strategyManagerAbi,
} from '@proof-of-inference/sdk/eigenlayer'
import {
  createWalletClient,
  custom,
  erc20Abi,
  type Hex,
  http,
  keccak256,
  parseAbi,
  parseEther,
  publicActions,
  toFunctionSelector,
  toHex,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const whole = 10n ** 18n
const stake = parseEther('40')
const deallocationDelay = 50
const maxWeightAge = 10

const tokenAbi = parseAbi(['function mint(address to, uint256 amount)'])
const steps = [
  'registerAsOperator',
  'modifyAllocations',
  'waitForAllocations',
  'registerKey',
  'registerForOperatorSets',
  'refreshWeights',
]

let devnet: Devnet
let eigenLayer: EigenLayerDeployment
let snapshot: Hex
beforeAll(async () => {
  devnet = await createDevnet({
    stakes: [parseEther('60')],
    delays: { deallocation: deallocationDelay },
    // 10 + 5 + 20 blocks ahead, less than the deallocation delay
    registrar: {
      minWeight: parseEther('1'),
      maxWeightAge,
      maxReferenceAge: 5,
      maxRequestLifetime: 10,
      evidenceWindow: 10,
    },
  })
  eigenLayer = { ...devnet.eigenLayer, chainId: devnet.chain.id }
})
afterAll(() => devnet.stop())
beforeEach(async () => {
  snapshot = await devnet.snapshot()
})
afterEach(() => devnet.revert(snapshot))

const keyOf = (seed: string) => privateKeyToAccount(keccak256(toHex(seed)))

/** An account with a signing key, the stake token, and nothing in EigenLayer. */
async function createNewcomer({ deposit = stake }: { deposit?: bigint } = {}) {
  const account = keyOf('newcomer')
  const signer = keyOf('newcomer signs')
  const { chain, deployment } = devnet
  const { strategy, stakeToken, operatorSet } = devnet.eigenLayer
  await devnet.client.setBalance({ address: account.address, value: parseEther('10') })
  const client = createWalletClient({ account, chain, transport: http(), pollingInterval: 20, cacheTime: 0 }).extend(
    publicActions,
  )
  const write = { throwOnReceiptRevert: true } as const
  const depositStake = async (amount: bigint) => {
    await client.writeContractSync({
      ...write,
      address: stakeToken,
      abi: tokenAbi,
      functionName: 'mint',
      args: [account.address, amount],
    })
    await client.writeContractSync({
      ...write,
      address: stakeToken,
      abi: erc20Abi,
      functionName: 'approve',
      args: [eigenLayer.strategyManager, amount],
    })
    await client.writeContractSync({
      ...write,
      address: eigenLayer.strategyManager,
      abi: strategyManagerAbi,
      functionName: 'depositIntoStrategy',
      args: [strategy, stakeToken, amount],
    })
  }
  if (deposit > 0n) await depositStake(deposit)
  const operator = account.address
  return {
    client,
    operator,
    signer,
    depositStake,
    write: { eigenLayer, operatorSet, avs: operatorSet.avs, operatorSetIds: [operatorSet.id] as [number] },
    read: { eigenLayer, operator, operatorSet, strategy, strategies: [strategy] },
    join: (options: Partial<joinOperatorSet.Parameters> = {}) =>
      joinOperatorSet(client, { eigenLayer, deployment, signer, ...options }),
    getCheckpoint: () => getCheckpoint(client, { deployment, operator }),
  }
}

const summarise = (result: joinOperatorSet.ReturnType) => result.steps.map(({ name, status }) => `${name}: ${status}`)
const allSkipped = steps.map((name) => `${name}: skipped`)

describe('joinOperatorSet', () => {
  test('takes a new operator from a deposit to a vote', async () => {
    const { client, operator, signer, join, read, ...newcomer } = await createNewcomer()
    const progress: string[] = []
    const joined = await join({
      metadataURI: 'https://operator.example/about.json',
      onStep: ({ name, status }) => {
        progress.push(`${name}: ${status}`)
      },
    })
    expect(joined).toEqual({
      operator,
      operatorSet: read.operatorSet,
      index: 1,
      weight: stake,
      steps: steps.map((name) =>
        name === 'waitForAllocations' || name === 'refreshWeights'
          ? { name, status: 'skipped' }
          : {
              name,
              status: 'done',
              transactionHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
              blockNumber: expect.any(BigInt),
              gasUsed: expect.any(BigInt),
            },
      ),
    })
    expect(progress).toEqual([
      'registerAsOperator: started',
      'registerAsOperator: done',
      'modifyAllocations: started',
      'modifyAllocations: done',
      'waitForAllocations: skipped',
      'registerKey: started',
      'registerKey: done',
      'registerForOperatorSets: started',
      'registerForOperatorSets: done',
      'refreshWeights: skipped',
    ])
    expect(await isOperator(client, read)).toBe(true)
    expect(await getAllocationDelay(client, read)).toBe(0)
    expect(await getAllocation(client, read)).toEqual({ currentMagnitude: whole, pendingDiff: 0n, effectBlock: 0 })
    expect(await isKeyRegistered(client, read)).toBe(true)
    expect(await getSigningKey(client, read)).toBe(signer.address)
    expect(await isMemberOfOperatorSet(client, read)).toBe(true)
    expect(await getMembers(client, read)).toEqual([devnet.accounts.operators[0]?.account.address, operator])
    expect(await newcomer.getCheckpoint()).toMatchObject({ isSeated: true, weight: stake, signingKey: signer.address })
    await devnet.mine()
    const timepoint = Number(await client.getBlockNumber()) - 1
    expect(await getTotalWeight(client, { deployment: devnet.deployment, timepoint })).toBe(parseEther('100'))
  })

  test('joining twice does nothing, until the weight is stale', async () => {
    const { client, join } = await createNewcomer()
    const first = await join()
    const nonce = await client.getTransactionCount({ address: first.operator })
    const second = await join()
    expect(summarise(second)).toEqual(allSkipped)
    expect(second).toMatchObject({ index: first.index, weight: first.weight })
    await devnet.mine(maxWeightAge)
    expect(summarise(await join())).toEqual(allSkipped)
    expect(await client.getTransactionCount({ address: first.operator })).toBe(nonce)

    await devnet.mine()
    expect(summarise(await join())).toEqual([...allSkipped.slice(0, -1), 'refreshWeights: done'])
    expect(summarise(await join())).toEqual(allSkipped)
  })

  test('resumes after every step that it was interrupted at', async () => {
    const { client, operator, join, getCheckpoint } = await createNewcomer()
    const delay = 5
    const interrupt = (name: string, status: string) =>
      join({
        allocationDelay: delay,
        onStep: async (step) => {
          if (step.name === name && step.status === status) throw new Error('interrupted')
          if (step.name === 'waitForAllocations' && step.status === 'started') await devnet.mine(delay)
        },
      })
    const sent = () => client.getTransactionCount({ address: operator })
    const before = await sent()
    const interrupted: [name: string, transactions: number][] = [
      ['registerAsOperator', 1],
      ['modifyAllocations', 2],
      ['waitForAllocations', 2],
      ['registerKey', 3],
      ['registerForOperatorSets', 4],
    ]
    for (const [name, transactions] of interrupted) {
      await expect(interrupt(name, 'done')).rejects.toThrow('interrupted')
      expect(await sent()).toBe(before + transactions)
    }
    expect(summarise(await join())).toEqual(allSkipped)
    expect(await sent()).toBe(before + 4)
    expect(await getCheckpoint()).toMatchObject({ isSeated: true, weight: stake })
  })

  test('a step that is interrupted before its transaction is done the next time', async () => {
    const { join } = await createNewcomer()
    for (const name of ['registerAsOperator', 'modifyAllocations', 'registerKey', 'registerForOperatorSets']) {
      const onStep: joinOperatorSet.Parameters['onStep'] = (step) => {
        if (step.name === name && step.status === 'started') throw new Error(`not ${name}`)
      }
      await expect(join({ onStep })).rejects.toThrow(`not ${name}`)
    }
    expect(summarise(await join())).toContain('registerForOperatorSets: done')
  })

  test('asks for a deposit, and goes on after it', async () => {
    const { operator, join, depositStake, read } = await createNewcomer({ deposit: 0n })
    await expect(join()).rejects.toMatchObject({
      name: 'OperatorSharesMissingError',
      operator,
      strategies: [read.strategy],
    })
    await depositStake(stake)
    const joined = await join()
    expect(summarise(joined).slice(0, 2)).toEqual(['registerAsOperator: skipped', 'modifyAllocations: done'])
    expect(joined.weight).toBe(stake)
  })

  test('waits for an allocation delay; the wait can be ended', async () => {
    const { client, join, read } = await createNewcomer()
    const delay = 20
    const abort = new AbortController()
    const aborted = join({
      allocationDelay: delay,
      signal: abort.signal,
      onStep: ({ name }) => {
        if (name === 'waitForAllocations') abort.abort(new Error('enough'))
      },
    })
    await expect(aborted).rejects.toThrow('enough')
    const { effectBlock } = await getAllocation(client, read)
    expect(effectBlock).toBe(Number(await client.getBlockNumber()) + delay)
    await expect(join({ signal: abort.signal })).rejects.toThrow('enough')
    expect(await isKeyRegistered(client, read)).toBe(false)

    let isDone = false
    let started: joinOperatorSet.StartedStep | undefined
    const waiting = new Promise<void>((resolve, reject) => {
      join({
        onStep: (step) => {
          if (step.status !== 'started' || step.name !== 'waitForAllocations') return
          started = step
          resolve()
        },
      }).then(() => {
        isDone = true
      }, reject)
    })
    await waiting
    expect(started).toEqual({ name: 'waitForAllocations', status: 'started', effectBlock })
    await devnet.mine(delay - 1)
    expect(isDone).toBe(false)
    expect(await isKeyRegistered(client, read)).toBe(false)
    await devnet.mine()
    const joined = await join()
    expect(joined.weight).toBe(stake)
  })
})
