import type { Address, Hex } from 'viem'
import { expectTypeOf } from 'vitest'
import type { WriteReturnType } from '../../src/exports/actions.ts'
import * as eigenlayer from '../../src/exports/eigenlayer.ts'
import { account, address, deployment, hash, reader, signal, wallet } from './stage.ts'

const eigenLayer = {} as eigenlayer.EigenLayerDeployment
const operatorSet: eigenlayer.OperatorSet = { avs: address, id: 0 }
const operator = address
const strategy = address
type Allocation = { currentMagnitude: bigint; pendingDiff: bigint; effectBlock: number }

expectTypeOf(eigenlayer.assertEigenLayer(reader, eigenLayer)).resolves.toBeVoid()
expectTypeOf(
  eigenlayer.getAllocatableMagnitude(reader, { eigenLayer, operator, strategy }),
).resolves.toEqualTypeOf<bigint>()
expectTypeOf(
  eigenlayer.getAllocation(reader, { eigenLayer, operator, operatorSet, strategy }),
).resolves.toEqualTypeOf<Allocation>()
expectTypeOf(
  eigenlayer.getAllocations(reader, { eigenLayer, operators: [operator], operatorSet, strategy }),
).resolves.toEqualTypeOf<readonly Allocation[]>()
expectTypeOf(eigenlayer.getAllocationDelay(reader, { eigenLayer, operator })).resolves.toEqualTypeOf<number | null>()
expectTypeOf(eigenlayer.getMembers(reader, { eigenLayer, operatorSet })).resolves.toEqualTypeOf<readonly Address[]>()
expectTypeOf(eigenlayer.getOperatorSet(reader, { eigenLayer, deployment }))
  .resolves.toHaveProperty('operatorSet')
  .toEqualTypeOf<eigenlayer.OperatorSet>()
expectTypeOf(
  eigenlayer.getOperatorShares(reader, { eigenLayer, operator, strategies: [strategy] }),
).resolves.toEqualTypeOf<readonly bigint[]>()
expectTypeOf(
  eigenlayer.getSigningKey(reader, { eigenLayer, operator, operatorSet }),
).resolves.toEqualTypeOf<Address | null>()
expectTypeOf(
  eigenlayer.getSlashableStake(reader, { eigenLayer, operatorSet, operators: [operator], strategies: [strategy] }),
).resolves.toEqualTypeOf<readonly (readonly bigint[])[]>()
expectTypeOf(
  eigenlayer.isKeyRegistered(reader, { eigenLayer, operator, operatorSet }),
).resolves.toEqualTypeOf<boolean>()
expectTypeOf(
  eigenlayer.isMemberOfOperatorSet(reader, { eigenLayer, operator, operatorSet }),
).resolves.toEqualTypeOf<boolean>()
expectTypeOf(eigenlayer.isOperator(reader, { eigenLayer, operator })).resolves.toEqualTypeOf<boolean>()

// What writes needs an account.
// @ts-expect-error nobody signs
eigenlayer.registerAsOperator(reader, { eigenLayer, allocationDelay: 0 })
expectTypeOf(
  eigenlayer.registerAsOperator(reader, { eigenLayer, account, allocationDelay: 0 }),
).resolves.toEqualTypeOf<WriteReturnType>()
expectTypeOf(eigenlayer.setAllocationDelay(wallet, { eigenLayer, delay: 0 })).resolves.toEqualTypeOf<
  WriteReturnType & { effectBlock: number }
>()
expectTypeOf(
  eigenlayer.modifyAllocations(wallet, {
    eigenLayer,
    allocations: [{ operatorSet, strategies: [strategy], newMagnitudes: [1n] }],
  }),
)
  .resolves.toHaveProperty('allocations')
  .toEqualTypeOf<{ operatorSet: eigenlayer.OperatorSet; strategy: Address; magnitude: bigint; effectBlock: number }[]>()
expectTypeOf(
  eigenlayer.registerKey(wallet, { eigenLayer, operatorSet, signer: account }),
).resolves.toEqualTypeOf<WriteReturnType>()
expectTypeOf(eigenlayer.deregisterKey(wallet, { eigenLayer, operatorSet })).resolves.toEqualTypeOf<WriteReturnType>()
expectTypeOf(
  eigenlayer.registerForOperatorSets(wallet, { eigenLayer, avs: address, operatorSetIds: [0], data: hash }),
).resolves.toEqualTypeOf<WriteReturnType>()
// @ts-expect-error one set at least
eigenlayer.registerForOperatorSets(wallet, { eigenLayer, avs: address, operatorSetIds: [] })
expectTypeOf(
  eigenlayer.deregisterFromOperatorSets(wallet, { eigenLayer, avs: address, operatorSetIds: [0] }),
).resolves.toEqualTypeOf<WriteReturnType>()

expectTypeOf(
  eigenlayer.joinOperatorSet(wallet, {
    ...{ deployment, eigenLayer, signer: account, signal },
    onStep(step) {
      expectTypeOf(step.status).toEqualTypeOf<'started' | 'skipped' | 'done'>()
      if (step.name === 'waitForAllocations' && step.status === 'done')
        expectTypeOf(step.effectBlock).toEqualTypeOf<number>()
      if (step.name === 'registerKey' && step.status === 'done') expectTypeOf(step.gasUsed).toEqualTypeOf<bigint>()
    },
  }),
)
  .resolves.toHaveProperty('steps')
  .toEqualTypeOf<eigenlayer.joinOperatorSet.Step[]>()
expectTypeOf(eigenlayer.hashKeyRegistration).returns.toEqualTypeOf<Hex>()
expectTypeOf(eigenlayer.hashKeyRegistration)
  .parameter(0)
  .toHaveProperty('operatorSet')
  .toEqualTypeOf<eigenlayer.OperatorSet>()
