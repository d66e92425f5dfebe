import {
  type Account,
  type Address,
  createClient,
  createPublicClient,
  createWalletClient,
  custom,
  publicActions,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, expectTypeOf, test } from 'vitest'
import { createFakeContracts, fakeDeployment } from '../../test/fakeContracts.ts'
import * as actions from '../exports/actions.ts'
import { type ProofOfInferenceActions, proofOfInferenceActions } from './proofOfInferenceActions.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)

test('binds every action', () => {
  const { client } = createFakeContracts()
  const bound = client.extend(proofOfInferenceActions({ deployment: fakeDeployment }))
  const names = Object.keys(proofOfInferenceActions({ deployment: fakeDeployment })(client))
  const actionNames = Object.keys(actions).filter((name) => !name.startsWith('encode'))
  expect(names.sort()).toEqual(actionNames.sort())
  for (const name of names) expect(bound).toHaveProperty(name, expect.any(Function))
})

test('reads from the contracts of the deployment', async () => {
  const { client, requests } = createFakeContracts({ contract: { getDeposit: () => 5n } })
  const bound = client.extend(proofOfInferenceActions({ deployment: fakeDeployment }))
  expect(await bound.getDeposit({ asset: fakeDeployment.avs, account: account.address })).toBe(5n)
  expect(requests.at(-1)).toMatchObject({ method: 'eth_call', params: [{ to: fakeDeployment.avs }, 'latest'] })
})

test('the account is needed where the client has none', () => {
  const transport = custom({ request: async () => null })
  const extend = proofOfInferenceActions({ deployment: fakeDeployment })
  const wallet = createWalletClient({ account, transport }).extend(publicActions).extend(extend)
  const reader = createPublicClient({ transport }).extend(extend)
  type Deposit = { asset: Address; amount: bigint }
  expectTypeOf<Deposit>().toExtend<Parameters<typeof wallet.deposit>[0]>()
  expectTypeOf<Deposit>().not.toExtend<Parameters<typeof reader.deposit>[0]>()
  expectTypeOf<Deposit & { account: Account }>().toExtend<Parameters<typeof reader.deposit>[0]>()
  expectTypeOf<Parameters<typeof reader.getSeatedOperators>[0]>().extract<undefined>().toEqualTypeOf<undefined>()
  expectTypeOf(reader.getModelInfo).returns.resolves.toHaveProperty('accuracyBps').toEqualTypeOf<number>()
  expectTypeOf(reader.watchRequests).returns.toEqualTypeOf<() => void>()
  // The deployment is bound.
  expectTypeOf<Parameters<typeof wallet.deposit>[0]>().not.toHaveProperty('deployment')
  expectTypeOf(wallet).toExtend<ProofOfInferenceActions<typeof account>>()
  expect(wallet.account).toBe(account)
})

test('plain clients take the actions as functions', () => {
  const client = createClient({ transport: custom({ request: async () => null }) })
  expectTypeOf(actions.getDeposit).toBeCallableWith(client, {
    deployment: fakeDeployment,
    asset: fakeDeployment.avs,
    account: account.address,
  })
  expectTypeOf<actions.deposit.ReturnType>().toExtend<{ transactionHash: `0x${string}`; amount: bigint }>()
  expectTypeOf<actions.waitForOutcome.ReturnType['status']>().toEqualTypeOf<'verified' | 'rejected' | 'expired'>()
  const outcome = {} as actions.waitForOutcome.ReturnType
  if (outcome.status === 'expired') expectTypeOf(outcome.response).toEqualTypeOf<null>()
})
