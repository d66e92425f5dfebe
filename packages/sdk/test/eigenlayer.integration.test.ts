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
  encodeAbiParameters,
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
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

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

const getAllocationSelector = toFunctionSelector('getAllocation(address,(address,uint32),address)')
const getRegistrarSelector = toFunctionSelector('getAVSRegistrar(address)')
const getStrategiesSelector = toFunctionSelector('getStrategiesInOperatorSet((address,uint32))')
const registrationHashSelector = toFunctionSelector(
  'getECDSAKeyRegistrationMessageHash(address,(address,uint32),address)',
)

const keyOf = (seed: string) => privateKeyToAccount(keccak256(toHex(seed)))

/** Sees the calls of a client before the node does, and may answer them. */
type Intercept = (call: { data: Hex }) => Promise<Hex | undefined>

/** An account with a signing key, the stake token, and nothing in EigenLayer. */
async function createNewcomer(options: { deposit?: bigint; intercept?: Intercept } = {}) {
  const { deposit = stake, intercept } = options
  const account = keyOf('newcomer')
  const signer = keyOf('newcomer signs')
  const { chain, deployment } = devnet
  const { strategy, stakeToken, operatorSet } = devnet.eigenLayer
  await devnet.client.setBalance({ address: account.address, value: parseEther('10') })
  const node = http()({ chain })
  const transport = custom({
    request: async ({ method, params }) =>
      (method === 'eth_call' ? await intercept?.(params[0]) : undefined) ?? node.request({ method, params }),
  })
  const client = createWalletClient({
    account,
    chain,
    transport: intercept ? transport : http(),
    pollingInterval: 20,
    cacheTime: 0,
  }).extend(publicActions)
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

    // The last block before the effect is mined at first, and the one of the effect only while it waits.
    let polls = 0
    const { join: joinAgain } = await createNewcomer({
      deposit: 0n,
      intercept: async ({ data }) => {
        if (data.startsWith(getAllocationSelector) && ++polls === 5) await devnet.mine()
        return undefined
      },
    })
    await devnet.mine(delay - 1)
    expect((await getAllocation(client, read)).pendingDiff).toBe(whole)
    const joined = await joinAgain({
      onStep: ({ name, status }) => {
        if (name === 'registerKey' && status === 'started') expect(polls).toBeGreaterThanOrEqual(5)
      },
    })
    expect(joined.steps).toContainEqual({ name: 'waitForAllocations', status: 'done', effectBlock })
    expect(joined.weight).toBe(stake)
  })

  test('refreshes the weight of a member that had no stake when it joined', async () => {
    const { client, signer, join, read, write, ...newcomer } = await createNewcomer()
    await registerAsOperator(client, { ...write, allocationDelay: 0 })
    await registerKey(client, { ...write, signer })
    await registerForOperatorSets(client, write)
    expect(await newcomer.getCheckpoint()).toBeNull()

    const joined = await join({ magnitude: whole / 2n })
    expect(summarise(joined)).toEqual([
      'registerAsOperator: skipped',
      'modifyAllocations: done',
      'waitForAllocations: skipped',
      'registerKey: skipped',
      'registerForOperatorSets: skipped',
      'refreshWeights: done',
    ])
    expect(joined).toMatchObject({ index: 1, weight: stake / 2n })
    // more than asked for is left as it is
    expect(summarise(await join({ magnitude: whole / 4n }))).toEqual(allSkipped)
    const more = await join()
    expect(more.weight).toBe(stake)
    expect(await getAllocatableMagnitude(client, read)).toBe(0n)
  })

  test('refuses what cannot vote, and says why', async () => {
    const { client, operator, join, read, write } = await createNewcomer()
    await expect(join({ magnitude: 0n })).rejects.toThrow(RangeError)
    const other = devnet.token
    await expect(join({ strategies: [other] })).rejects.toMatchObject({
      name: 'StrategyNotInOperatorSetError',
      strategy: other,
      strategies: [read.strategy],
    })
    await expect(join({ magnitude: whole + 1n })).rejects.toMatchObject({
      name: 'EigenLayerRevertedError',
      errorName: 'InsufficientMagnitude',
    })
    // 40 × 0.02 is less than the least weight, 1
    const names: string[] = []
    const onStep: joinOperatorSet.Parameters['onStep'] = ({ name }) => {
      names.push(name)
    }
    await expect(join({ magnitude: whole / 50n, onStep })).rejects.toMatchObject({
      name: 'OperatorNotSeatedError',
      operator,
      weight: stake / 50n,
      minWeight: parseEther('1'),
    })
    expect(names).toContain('registerForOperatorSets')
    expect(names).not.toContain('refreshWeights')
    await modifyAllocations(client, {
      ...write,
      allocations: [{ operatorSet: read.operatorSet, strategies: [read.strategy], newMagnitudes: [whole] }],
    })
    expect((await join()).weight).toBe(stake)
  })

  test('says so when all magnitude is gone', async () => {
    const { client, operator, join, read, write } = await createNewcomer()
    await join()
    await modifyAllocations(client, {
      ...write,
      allocations: [{ operatorSet: read.operatorSet, strategies: [read.strategy], newMagnitudes: [0n] }],
    })
    await expect(join()).rejects.toMatchObject({
      name: 'MagnitudeUnavailableError',
      operator,
      strategies: [read.strategy],
    })
    await expect(join({ magnitude: whole })).rejects.toMatchObject({ errorName: 'ModificationAlreadyPending' })
    const stakes = { ...read, operators: [operator] }
    expect(await getSlashableStake(client, { ...stakes, horizon: deallocationDelay })).toEqual([[stake]])
    expect(await getSlashableStake(client, { ...stakes, horizon: deallocationDelay + 1 })).toEqual([[0n]])
  })

  test('takes no other key than the one that is registered', async () => {
    const { operator, signer, join } = await createNewcomer()
    const used = devnet.accounts.operators[0]?.signer
    await expect(join(used && { signer: used })).rejects.toMatchObject({
      name: 'EigenLayerRevertedError',
      errorName: 'KeyAlreadyRegistered',
    })
    await join()
    const another = keyOf('another')
    await expect(join({ signer: another })).rejects.toMatchObject({
      name: 'SigningKeyMismatchError',
      operator,
      expected: another.address,
      actual: signer.address,
    })
  })

  test('refuses an EigenLayer that the AVS is not on', async () => {
    const { client, join } = await createNewcomer()
    await expect(join({ eigenLayer: { ...eigenLayer, chainId: 1 } })).rejects.toMatchObject({
      name: 'ChainMismatchError',
      expected: 1,
    })
    const elsewhere = devnet.deployment.avs
    const { join: joinElsewhere } = await createNewcomer({
      deposit: 0n,
      intercept: async ({ data }) =>
        data.startsWith(getRegistrarSelector) ? encodeAbiParameters([{ type: 'address' }], [elsewhere]) : undefined,
    })
    await expect(joinElsewhere()).rejects.toMatchObject({
      name: 'EigenLayerMismatchError',
      contract: 'operatorSet',
      expected: devnet.deployment.operatorSet,
    })
    expect(await client.getTransactionCount({ address: client.account.address })).toBe(3)
  })
})

describe('leaving', () => {
  test('ends the weight at once; the stake stays slashable, and the key bound to it', async () => {
    const { client, operator, signer, join, read, write, ...newcomer } = await createNewcomer()
    await join()
    await deregisterFromOperatorSets(client, write)
    expect(await newcomer.getCheckpoint()).toMatchObject({ isSeated: false, weight: 0n })
    expect(await isMemberOfOperatorSet(client, read)).toBe(false)
    expect(await getMembers(client, read)).not.toContain(operator)
    expect(await getSlashableStake(client, { ...read, operators: [operator] })).toEqual([[stake]])
    await devnet.mine()
    const { deployment } = devnet
    const timepoint = Number(await client.getBlockNumber()) - 1
    expect(await getTotalWeight(client, { deployment, timepoint })).toBe(parseEther('60'))

    await expect(deregisterFromOperatorSets(client, write)).rejects.toMatchObject({ errorName: 'NotMemberOfSet' })
    await expect(join()).rejects.toMatchObject({ errorName: 'AlreadyMemberOfSet' })
    await expect(deregisterKey(client, write)).rejects.toMatchObject({ errorName: 'OperatorStillSlashable' })
    expect(await getSigningKey(client, read)).toBe(signer.address)

    await devnet.mine(deallocationDelay)
    expect(await getSlashableStake(client, { ...read, operators: [operator] })).toEqual([[0n]])
    await deregisterKey(client, write)
    expect(await isKeyRegistered(client, read)).toBe(false)
    expect(await getSigningKey(client, read)).toBeNull()
    await expect(deregisterKey(client, write)).rejects.toMatchObject({ errorName: 'KeyNotFound' })
    // once used, a key is used for good
    await expect(join()).rejects.toMatchObject({ errorName: 'KeyAlreadyRegistered' })
    const next = keyOf('next')
    expect(await join({ signer: next })).toMatchObject({ index: 1, weight: stake })
    expect(await newcomer.getCheckpoint()).toMatchObject({ signingKey: next.address })
  })

  test('an outsider can neither join nor leave for an operator', async () => {
    const { client, write } = await createNewcomer()
    const operator = devnet.accounts.operators[0]?.account.address
    await expect(deregisterFromOperatorSets(client, { ...write, operator })).rejects.toMatchObject({
      errorName: 'InvalidCaller',
    })
    await expect(registerForOperatorSets(client, { ...write, operator })).rejects.toMatchObject({
      errorName: 'InvalidPermissions',
    })
  })
})

describe('actions', () => {
  test('an account that is no operator', async () => {
    const { client, operator, read, write } = await createNewcomer()
    expect(await isOperator(client, read)).toBe(false)
    expect(await getAllocationDelay(client, read)).toBeNull()
    expect(await getOperatorShares(client, read)).toEqual([0n])
    expect(await getSigningKey(client, read)).toBeNull()
    const allocations = [{ operatorSet: read.operatorSet, strategies: [read.strategy], newMagnitudes: [whole] }]
    await expect(modifyAllocations(client, { ...write, allocations })).rejects.toMatchObject({
      errorName: 'UninitializedAllocationDelay',
    })
    await expect(registerForOperatorSets(client, write)).rejects.toMatchObject({ errorName: 'InvalidOperator' })
    await expect(setAllocationDelay(client, { ...write, delay: 1 })).rejects.toMatchObject({
      errorName: 'InvalidOperator',
    })
    await registerAsOperator(client, { ...write, allocationDelay: 7 })
    await expect(registerAsOperator(client, { ...write, allocationDelay: 7 })).rejects.toMatchObject({
      errorName: 'ActivelyDelegated',
    })
    expect(await getAllocationDelay(client, { ...read, operator })).toBe(7)
    expect(await getOperatorShares(client, read)).toEqual([stake])
    // the registrar's own refusal
    await expect(registerForOperatorSets(client, write)).rejects.toMatchObject({
      name: 'ContractRevertedError',
      reason: `SigningKeyMissing(operator: ${operator})`,
    })
  })

  test('allocations', async () => {
    const { client, operator, read, write } = await createNewcomer()
    await registerAsOperator(client, { ...write, allocationDelay: 3 })
    const { operatorSet, strategy } = read
    const allocate = (newMagnitudes: bigint[], set = operatorSet) =>
      modifyAllocations(client, {
        ...write,
        allocations: [{ operatorSet: set, strategies: [strategy], newMagnitudes }],
      })
    await expect(allocate([1n], { ...operatorSet, id: 9 })).rejects.toMatchObject({ errorName: 'InvalidOperatorSet' })
    await expect(allocate([1n, 2n])).rejects.toMatchObject({ errorName: 'InputArrayLengthMismatch' })
    await expect(allocate([0n])).rejects.toMatchObject({ errorName: 'SameMagnitude' })
    const changed = await allocate([whole / 2n])
    const effectBlock = Number(changed.blockNumber) + 3
    expect(changed.allocations).toEqual([{ operatorSet, strategy, magnitude: whole / 2n, effectBlock }])
    await expect(allocate([whole])).rejects.toMatchObject({ errorName: 'ModificationAlreadyPending' })
    const incumbent = devnet.accounts.operators[0]
    if (!incumbent) throw new Error('There is no operator.')
    const operators = [operator, incumbent.account.address]
    expect(await getAllocations(client, { ...read, operators })).toEqual([
      { currentMagnitude: 0n, pendingDiff: whole / 2n, effectBlock },
      { currentMagnitude: whole, pendingDiff: 0n, effectBlock: 0 },
    ])
    expect(await getAllocatableMagnitude(client, read)).toBe(whole / 2n)
    expect(await getSlashableStake(client, { ...read, operators, horizon: 10 })).toEqual([[0n], [incumbent.stake]])
    const { effectBlock: delayEffectBlock, blockNumber } = await setAllocationDelay(client, { ...write, delay: 0 })
    expect(delayEffectBlock).toBe(Number(blockNumber) + 126_001)
    expect(await getAllocationDelay(client, read)).toBe(3)
  })

  test('a key signs nothing but what the KeyRegistrar and the SDK agree on', async () => {
    const { client, operator, signer, read, write } = await createNewcomer()
    const registration = { eigenLayer, operator, operatorSet: read.operatorSet, key: signer.address }
    const digest = hashKeyRegistration(registration)
    expect(
      await client.readContract({
        address: eigenLayer.keyRegistrar,
        abi: keyRegistrarAbi,
        functionName: 'getECDSAKeyRegistrationMessageHash',
        args: [operator, read.operatorSet, signer.address],
      }),
    ).toBe(digest)
    expect(hashKeyRegistration({ ...registration, operator: signer.address })).not.toBe(digest)

    const signing = vi.spyOn(signer, 'signTypedData')
    const wrong = keccak256('0x01')
    const { client: deceived } = await createNewcomer({
      deposit: 0n,
      intercept: async ({ data }) => (data.startsWith(registrationHashSelector) ? wrong : undefined),
    })
    await expect(registerKey(deceived, { ...write, signer })).rejects.toMatchObject({
      name: 'KeyRegistrationHashMismatchError',
      keyRegistrar: eigenLayer.keyRegistrar,
      expected: digest,
      actual: wrong,
    })
    expect(signing).not.toHaveBeenCalled()

    const forger = { ...signer, signTypedData: keyOf('another').signTypedData }
    await expect(registerKey(client, { ...write, signer: forger })).rejects.toMatchObject({
      errorName: 'InvalidSignature',
    })
    await registerKey(client, { ...write, signer })
    expect(signing).toHaveBeenCalledOnce()
    await expect(registerKey(client, { ...write, signer: keyOf('another') })).rejects.toMatchObject({
      errorName: 'OperatorAlreadyRegistered',
    })
    const elsewhere = { ...write, operatorSet: { ...read.operatorSet, id: 9 }, signer: keyOf('another') }
    await expect(registerKey(client, elsewhere)).rejects.toMatchObject({ errorName: 'OperatorSetNotConfigured' })
    await expect(getSigningKey(client, { ...read, operatorSet: elsewhere.operatorSet })).rejects.toMatchObject({
      errorName: 'InvalidCurveType',
    })
  })

  test('the operator set of a deployment', async () => {
    const { client, read } = await createNewcomer({ deposit: 0n })
    expect(await getOperatorSet(client, { eigenLayer, deployment: devnet.deployment })).toEqual({
      operatorSet: read.operatorSet,
      strategies: [{ strategy: read.strategy, multiplier: whole }],
      minWeight: parseEther('1'),
      maxWeightAge,
      slashabilityHorizon: 35,
    })
    // stake in a strategy that was taken out of the set cannot be slashed
    const { client: other } = await createNewcomer({
      deposit: 0n,
      intercept: async ({ data }) =>
        data.startsWith(getStrategiesSelector) ? encodeAbiParameters([{ type: 'address[]' }], [[]]) : undefined,
    })
    expect(await getOperatorSet(other, { eigenLayer, deployment: devnet.deployment })).toMatchObject({ strategies: [] })
  })
})

describe('assertEigenLayer', () => {
  test('accepts contracts that name each other, and no others', async () => {
    const { client } = await createNewcomer({ deposit: 0n })
    await assertEigenLayer(client, eigenLayer)
    const { allocationManager, strategyManager, keyRegistrar } = eigenLayer
    const wrong: [changes: Partial<EigenLayerDeployment>, error: object][] = [
      [{ chainId: 5 }, { name: 'ChainMismatchError', expected: 5, actual: devnet.chain.id }],
      [
        { strategyManager: client.account.address },
        { name: 'ContractCodeMissingError', contract: 'strategyManager', address: client.account.address },
      ],
      [
        { strategyManager: keyRegistrar },
        {
          name: 'EigenLayerMismatchError',
          contract: 'strategyManager',
          expected: keyRegistrar,
          actual: strategyManager,
        },
      ],
      [
        // neither does the one name it, nor does it answer
        { delegationManager: strategyManager },
        { name: 'EigenLayerMismatchError' },
      ],
      [
        { keyRegistrar: strategyManager },
        { name: 'EigenLayerMismatchError', contract: 'allocationManager', expected: allocationManager, actual: null },
      ],
    ]
    for (const [changes, error] of wrong) {
      await expect(assertEigenLayer(client, { ...eigenLayer, ...changes })).rejects.toMatchObject(error)
    }
    await expect(assertEigenLayer(client, eigenLayerDeployments[1])).rejects.toMatchObject({
      name: 'ChainMismatchError',
    })
  })
})
