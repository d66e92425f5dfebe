import { memoryOperatorStore } from '@proof-of-inference/sdk/operator'
import { memoryPayloadStore } from '@proof-of-inference/sdk/payload'
import type { Runner, RunnerFactory } from '@proof-of-inference/sdk/runner'
import type { Verifier } from '@proof-of-inference/sdk/verifier'
import { expectTypeOf } from 'vitest'
import * as conformance from '../../src/index.ts'

const item = {} as conformance.VerifierItem
const { policy, manifest } = {} as conformance.VerifierFixtures
const fixtures = { policy, manifest, runners: {} as { model: Runner }, wrong: { tampered: item } }

expectTypeOf(conformance.verifierConformance).parameter(0).toHaveProperty('create').returns.toEqualTypeOf<Verifier>()
expectTypeOf(conformance.verifierConformance).toBeCallableWith({
  create: () => ({}) as Verifier,
  fixtures: async () => ({ ...fixtures, honest: [item, { items: [item] }] }),
  except: { runtime: 'the numbers count' },
})
conformance.verifierConformance({
  create: () => ({}) as Verifier,
  // @ts-expect-error two honest cases at least
  fixtures: { ...fixtures, honest: [item] },
})
conformance.verifierConformance({
  ...{ create: () => ({}) as Verifier, fixtures: { ...fixtures, honest: [item, item] } },
  // @ts-expect-error no such group
  except: { speed: 'it is slow' },
})
expectTypeOf(conformance.runnerConformance).parameter(0).toHaveProperty('create').returns.toEqualTypeOf<RunnerFactory>()
expectTypeOf(conformance.payloadStoreConformance).toBeCallableWith({ name: 'memory', create: memoryPayloadStore })
expectTypeOf(conformance.operatorStoreConformance).toBeCallableWith({
  name: 'memory',
  create: () => ({ find: memoryOperatorStore }),
})
expectTypeOf(conformance.paymentRailConformance)
  .parameter(0)
  .toHaveProperty('create')
  .returns.resolves.toEqualTypeOf<conformance.PaymentRailFixture>()
