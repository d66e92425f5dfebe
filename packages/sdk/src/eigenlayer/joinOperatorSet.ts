import type { Account, Address, Chain, Client, Transport } from 'viem'
import { isAddressEqual } from 'viem'
import { parseAccount } from 'viem/accounts'
import { getAllocatableMagnitude } from '../actions/eigenlayer/getAllocatableMagnitude.ts'
import { getAllocation } from '../actions/eigenlayer/getAllocation.ts'
import { getOperatorSet } from '../actions/eigenlayer/getOperatorSet.ts'
import { getOperatorShares } from '../actions/eigenlayer/getOperatorShares.ts'
import { getSigningKey } from '../actions/eigenlayer/getSigningKey.ts'
import { getSlashableStake } from '../actions/eigenlayer/getSlashableStake.ts'
import { isMemberOfOperatorSet } from '../actions/eigenlayer/isMemberOfOperatorSet.ts'
import { isOperator } from '../actions/eigenlayer/isOperator.ts'
import { modifyAllocations } from '../actions/eigenlayer/modifyAllocations.ts'
import { registerAsOperator } from '../actions/eigenlayer/registerAsOperator.ts'
import { registerForOperatorSets } from '../actions/eigenlayer/registerForOperatorSets.ts'
import { registerKey } from '../actions/eigenlayer/registerKey.ts'
import type { EigenLayerParameter } from '../actions/eigenlayer/types.ts'
import { toAccount } from '../actions/internal/executeWrite.ts'
import { sleep } from '../actions/internal/sleep.ts'
import { getCheckpoint } from '../actions/operatorSet/getCheckpoint.ts'
import { getClock } from '../actions/operatorSet/getClock.ts'
import { refreshWeights } from '../actions/operatorSet/refreshWeights.ts'
import type { AccountParameter, DeploymentParameter, WriteParameters, WriteReturnType } from '../actions/types.ts'
import {
  MagnitudeUnavailableError,
  OperatorNotSeatedError,
  OperatorSharesMissingError,
  SigningKeyMismatchError,
  StrategyNotInOperatorSetError,
} from '../errors/eigenlayer.ts'
import type { OperatorSet } from './types.ts'

const multiplierOne = 10n ** 18n
/** The registrar counts no more for one operator, so that 256 weights add up to a uint96. */
const maxWeight = (2n ** 96n - 1n) / 256n

/**
 * Takes an account through all that it needs to vote for a deployment: registers it as an operator of EigenLayer,
 * allocates its stake to the operator set, waits until that is in effect, registers its signing key, joins the set, and
 * refreshes its weight. Every step looks at the chain first and is skipped where it is done already, so that a call that
 * was interrupted, or that threw, is simply made again. One call at a time for an account.
 *
 * It deposits nothing, reduces no allocation, and changes no key.
 *
 * @returns What was done, with the transactions, and the index and weight with which the operator now votes.
 * @throws `OperatorSharesMissingError`: deposit first. `MagnitudeUnavailableError`, `OperatorNotSeatedError`,
 * `SigningKeyMismatchError`, `StrategyNotInOperatorSetError`, `EigenLayerRevertedError`, the reason of `signal`
 *
 * @example
 * const { weight } = await joinOperatorSet(client, {
 *   eigenLayer: eigenLayerDeployments[11155111],
 *   deployment,
 *   signer: privateKeyToAccount(signingKey),
 *   onStep: ({ name, status }) => console.log(name, status),
 * })
 */
export async function joinOperatorSet<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: joinOperatorSet.Parameters<account>,
): Promise<joinOperatorSet.ReturnType> {
  const { eigenLayer, deployment, magnitude, allocationDelay = 0, metadataURI, onStep, signal } = parameters
  const { confirmations, maxFeePerGas, maxPriorityFeePerGas, pollingInterval = client.pollingInterval } = parameters
  if (magnitude !== undefined && magnitude < 1n) throw new RangeError('`magnitude` must be at least 1.')
  const account = toAccount(client, parameters)
  const operator = account.address
  const signer = parseAccount(parameters.signer)
  const write = { eigenLayer, account, confirmations, maxFeePerGas, maxPriorityFeePerGas }
  signal?.throwIfAborted()
  const set = await getOperatorSet(client, { eigenLayer, deployment })
  const { operatorSet } = set
  const all = set.strategies.map(({ strategy }) => strategy)

  const steps: joinOperatorSet.Step[] = []
  const finish = async (step: joinOperatorSet.Step) => {
    steps.push(step)
    await onStep?.(step)
  }
  const start = async (step: joinOperatorSet.StartedStep) => {
    signal?.throwIfAborted()
    await onStep?.(step)
  }
  const run = async (
    name: joinOperatorSet.TransactionName,
    isNeeded: boolean,
    work: () => Promise<WriteReturnType>,
  ) => {
    if (!isNeeded) return finish({ name, status: 'skipped' })
    await start({ name, status: 'started' })
    const { transactionHash, blockNumber, gasUsed } = await work()
    return finish({ name, status: 'done', transactionHash, blockNumber, gasUsed })
  }

  await run('registerAsOperator', !(await isOperator(client, { eigenLayer, operator })), () =>
    registerAsOperator(client, { ...write, allocationDelay, metadataURI }),
  )

  const staked = await findStrategies(client, { eigenLayer, operator, operatorSet, all, chosen: parameters.strategies })
  const plan = await planAllocations(client, { eigenLayer, operator, operatorSet, strategies: staked, magnitude })
  await run('modifyAllocations', plan.changes.length > 0, () =>
    modifyAllocations(client, {
      ...write,
      allocations: [
        {
          operatorSet,
          strategies: plan.changes.map(({ strategy }) => strategy),
          newMagnitudes: plan.changes.map(({ newMagnitude }) => newMagnitude),
        },
      ],
    }),
  )

  const getEffectBlock = () =>
    getPendingEffectBlock(client, { eigenLayer, operator, operatorSet, strategies: plan.strategies })
  let effectBlock = await getEffectBlock()
  if (effectBlock === undefined) await finish({ name: 'waitForAllocations', status: 'skipped' })
  else {
    await start({ name: 'waitForAllocations', status: 'started', effectBlock })
    const waitedFor = effectBlock
    while (effectBlock !== undefined) {
      await sleep(pollingInterval, signal)
      effectBlock = await getEffectBlock()
    }
    await finish({ name: 'waitForAllocations', status: 'done', effectBlock: waitedFor })
  }

  const actual = await getSigningKey(client, { eigenLayer, operator, operatorSet })
  if (actual !== null && !isAddressEqual(actual, signer.address)) {
    throw new SigningKeyMismatchError({ operator, expected: signer.address, actual })
  }
  await run('registerKey', actual === null, () => registerKey(client, { ...write, operatorSet, signer }))

  await run(
    'registerForOperatorSets',
    !(await isMemberOfOperatorSet(client, { eigenLayer, operator, operatorSet })),
    () => registerForOperatorSets(client, { ...write, avs: operatorSet.avs, operatorSetIds: [operatorSet.id] }),
  )

  const weight = await getPresentWeight(client, { eigenLayer, operator, set })
  const { minWeight } = set
  if (weight < minWeight) throw new OperatorNotSeatedError({ operator, weight, minWeight })
  const [checkpoint, clock] = await Promise.all([
    getCheckpoint(client, { deployment, operator }),
    getClock(client, { deployment }),
  ])
  // Without an index the weight is 0, less than the least.
  const isCurrent =
    checkpoint?.weight === weight &&
    isAddressEqual(checkpoint.signingKey, signer.address) &&
    clock - checkpoint.timepoint <= set.maxWeightAge
  await run('refreshWeights', !isCurrent, () => refreshWeights(client, { ...write, deployment, operators: [operator] }))

  const seat = isCurrent ? checkpoint : await getCheckpoint(client, { deployment, operator })
  if (!seat?.isSeated) throw new OperatorNotSeatedError({ operator, weight, minWeight })
  return { operator, operatorSet, index: seat.index, weight: seat.weight, steps }
}

export declare namespace joinOperatorSet {
  type TransactionName =
    | 'registerAsOperator'
    | 'modifyAllocations'
    | 'registerKey'
    | 'registerForOperatorSets'
    | 'refreshWeights'
  type StartedStep =
    | { name: TransactionName; status: 'started' }
    /** All allocations are in effect from `effectBlock` on. */
    | { name: 'waitForAllocations'; status: 'started'; effectBlock: number }
  type Step =
    | { name: TransactionName | 'waitForAllocations'; status: 'skipped' }
    | ({ name: TransactionName; status: 'done' } & WriteReturnType)
    | { name: 'waitForAllocations'; status: 'done'; effectBlock: number }
  /** The operator is the account that sends the transactions. */
  type Parameters<account extends Account | undefined = Account | undefined> = AccountParameter<account> &
    Pick<WriteParameters, 'confirmations' | 'maxFeePerGas' | 'maxPriorityFeePerGas'> &
    DeploymentParameter &
    EigenLayerParameter & {
      /** The key that attestations are signed with. Never used by an operator before, unless by this one here. */
      signer: Account | Address
      /** In which to allocate the stake that the operator has there. Default: all of the operator set. */
      strategies?: readonly Address[] | undefined
      /** The least to allocate in each of them, 1 to 1e18. Default: all that is not allocated elsewhere. */
      magnitude?: bigint | undefined
      /** For a new operator, in blocks, see `registerAsOperator`. Default: 0, allocations take effect at once. */
      allocationDelay?: number | undefined
      /** For a new operator: where it describes itself. Default: none. */
      metadataURI?: string | undefined
      /** Told of every step when it starts, and when it is done or skipped. What it throws ends the call. */
      onStep?: ((step: StartedStep | Step) => void | Promise<void>) | undefined
      /** Milliseconds between looks at the chain while waiting. Default: that of the client. */
      pollingInterval?: number | undefined
      /** Ends the waiting, or the call before its next transaction. */
      signal?: AbortSignal | undefined
    }
  type ReturnType = {
    operator: Address
    operatorSet: OperatorSet
    /** Of the operator's votes. */
    index: number
    weight: bigint
    /** All six, in their order. */
    steps: Step[]
  }
  type ErrorType =
    | getOperatorSet.ErrorType
    | getCheckpoint.ErrorType
    | getSlashableStake.ErrorType
    | registerAsOperator.ErrorType
    | modifyAllocations.ErrorType
    | registerKey.ErrorType
    | registerForOperatorSets.ErrorType
    | refreshWeights.ErrorType
    | MagnitudeUnavailableError
    | OperatorNotSeatedError
    | OperatorSharesMissingError
    | SigningKeyMismatchError
    | StrategyNotInOperatorSetError
}

type OperatorInSet = EigenLayerParameter & { operator: Address; operatorSet: OperatorSet }

/** The strategies in which the operator has stake, of those chosen. */
async function findStrategies(
  client: Client,
  parameters: OperatorInSet & { all: readonly Address[]; chosen: readonly Address[] | undefined },
): Promise<readonly Address[]> {
  const { eigenLayer, operator, operatorSet, all, chosen } = parameters
  for (const strategy of chosen ?? []) {
    if (!all.some((other) => isAddressEqual(other, strategy))) {
      throw new StrategyNotInOperatorSetError({ strategy, operatorSet, strategies: all })
    }
  }
  const strategies = chosen ?? all
  const shares = await getOperatorShares(client, { eigenLayer, operator, strategies })
  const staked = strategies.filter((_, index) => (shares[index] ?? 0n) > 0n)
  if (staked.length === 0) throw new OperatorSharesMissingError({ operator, strategies })
  return staked
}

/** What to allocate where the operator set has less than it should, counting changes that are under way. */
async function planAllocations(
  client: Client,
  parameters: OperatorInSet & { strategies: readonly Address[]; magnitude: bigint | undefined },
) {
  const { eigenLayer, operator, operatorSet, magnitude } = parameters
  const targets = await Promise.all(
    parameters.strategies.map(async (strategy) => {
      const [{ currentMagnitude, pendingDiff }, allocatable] = await Promise.all([
        getAllocation(client, { eigenLayer, operator, operatorSet, strategy }),
        getAllocatableMagnitude(client, { eigenLayer, operator, strategy }),
      ])
      const allocated = currentMagnitude + pendingDiff
      return { strategy, allocated, newMagnitude: magnitude ?? allocated + allocatable }
    }),
  )
  const useful = targets.filter(({ newMagnitude }) => newMagnitude > 0n)
  const strategies = useful.map(({ strategy }) => strategy)
  if (strategies.length === 0) throw new MagnitudeUnavailableError({ operator, strategies: parameters.strategies })
  return { strategies, changes: useful.filter(({ allocated, newMagnitude }) => allocated < newMagnitude) }
}

/** The block from which on the last allocation under way is in effect, `undefined` when all are. */
async function getPendingEffectBlock(
  client: Client,
  { strategies, ...parameters }: OperatorInSet & { strategies: readonly Address[] },
): Promise<number | undefined> {
  const allocations = await Promise.all(
    strategies.map((strategy) => getAllocation(client, { ...parameters, strategy })),
  )
  const pending = allocations.filter(({ pendingDiff }) => pendingDiff > 0n)
  return pending.length === 0 ? undefined : Math.max(...pending.map(({ effectBlock }) => effectBlock))
}

/** What the registrar would record as the weight of a member now. */
async function getPresentWeight(
  client: Client,
  { eigenLayer, operator, set }: EigenLayerParameter & { operator: Address; set: getOperatorSet.ReturnType },
): Promise<bigint> {
  const { operatorSet, strategies, slashabilityHorizon: horizon } = set
  const [stakes = []] = await getSlashableStake(client, {
    eigenLayer,
    operatorSet,
    operators: [operator],
    strategies: strategies.map(({ strategy }) => strategy),
    horizon,
  })
  const weight = strategies.reduce(
    (sum, { multiplier }, index) => sum + ((stakes[index] ?? 0n) * multiplier) / multiplierOne,
    0n,
  )
  return weight < maxWeight ? weight : maxWeight
}
