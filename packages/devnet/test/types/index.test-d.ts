import { chains, type Deployment } from '@proof-of-inference/sdk'
import type { Operator } from '@proof-of-inference/sdk/operator'
import { memoryPayloadStore } from '@proof-of-inference/sdk/payload'
import type { Address, LocalAccount } from 'viem'
import { expectTypeOf } from 'vitest'
import * as devnets from '../../src/index.ts'

const devnet = await devnets.createDevnet({ stakes: [1n], port: 8545 })
expectTypeOf(devnets.createDevnet({ fourMica: true }))
  .resolves.toHaveProperty('fourMica')
  .toEqualTypeOf<devnets.DevnetFourMica>()
expectTypeOf(devnet.fourMica).toEqualTypeOf<devnets.DevnetFourMica | undefined>()
expectTypeOf(devnet.deployment).toExtend<Deployment>()
expectTypeOf(devnet.token).toEqualTypeOf<Address>()
expectTypeOf(devnet.accounts.requester).toExtend<LocalAccount>()
expectTypeOf(devnet).toExtend<AsyncDisposable>()
// @ts-expect-error stakes are bigints
devnets.createDevnet({ stakes: [1] })

expectTypeOf(devnets.runOperators(devnet, { payloads: memoryPayloadStore(), verifiers: [], runners: [] }))
  .resolves.toHaveProperty('operators')
  .toEqualTypeOf<readonly Operator[]>()
// @ts-expect-error where the payloads are
devnets.runOperators(devnet, { verifiers: [], runners: [] })

expectTypeOf(devnets.createRehearsal({ contracts: chains[11155111] })).resolves.toEqualTypeOf<devnets.Rehearsal>()
// @ts-expect-error a chain that is known
devnets.createRehearsal({ contracts: 11155111 })

const l2 = await devnets.createL2Devnet({ l1: devnet })
expectTypeOf(devnets.createL2Devnet).returns.resolves.toEqualTypeOf<devnets.L2Devnet>()
expectTypeOf(l2.deployment.slasher).toEqualTypeOf<null>()
expectTypeOf(l2.postTable({ load: false })).resolves.toEqualTypeOf<number>()
// @ts-expect-error an L2 has the operators of an L1
devnets.createL2Devnet()

expectTypeOf(
  devnets.createPayloadServer({ store: memoryPayloadStore() }),
).resolves.toEqualTypeOf<devnets.PayloadServer>()
