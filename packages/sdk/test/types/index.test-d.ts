import type { Account, Address, Hex } from 'viem'
import { createPublicClient, createWalletClient, http, publicActions } from 'viem'
import { expectTypeOf } from 'vitest'
import type * as aggregator from '../../src/exports/aggregator.ts'
import type * as calibration from '../../src/exports/calibration.ts'
import type * as eigenlayer from '../../src/exports/eigenlayer.ts'
import type * as erc8004 from '../../src/exports/erc8004.ts'
import * as index from '../../src/exports/index.ts'
import type * as operator from '../../src/exports/operator.ts'
import type * as payload from '../../src/exports/payload.ts'
import type * as payments from '../../src/exports/payments.ts'
import type * as requester from '../../src/exports/requester.ts'
import type * as runner from '../../src/exports/runner.ts'
import type * as verifier from '../../src/exports/verifier.ts'
import { account, address, attestation, deployment, hash, job, reader, request, version } from './stage.ts'

// The decorator binds the deployment, and takes the account of a client that has one.
const bind = index.proofOfInferenceActions({ deployment })
const wallet = createWalletClient({ account, transport: http() }).extend(publicActions).extend(bind)
const bare = createPublicClient({ transport: http() }).extend(bind)
expectTypeOf(index.proofOfInferenceActions).parameter(0).toEqualTypeOf<{ deployment: index.Deployment }>()
expectTypeOf(wallet).toExtend<index.ProofOfInferenceActions<Account>>()
expectTypeOf(bare).toExtend<index.ProofOfInferenceActions<undefined>>()
expectTypeOf(wallet.deposit({ asset: address, amount: 1n }))
  .resolves.toHaveProperty('amount')
  .toEqualTypeOf<bigint>()
expectTypeOf(bare.deposit).toBeCallableWith({ asset: address, amount: 1n, account })
// @ts-expect-error nobody signs
bare.deposit({ asset: address, amount: 1n })
// @ts-expect-error the deployment is bound
wallet.deposit({ asset: address, amount: 1n, deployment })
// @ts-expect-error no such parameter
wallet.getDeposit({ asset: address, account: address, owner: address })
expectTypeOf(bare.getModelInfo({ modelId: hash }))
  .resolves.toHaveProperty('accuracyBps')
  .toEqualTypeOf<number>()
const outcome = await bare.waitForOutcome({ requestId: hash })
if (outcome.status === 'expired') expectTypeOf(outcome.response).toEqualTypeOf<null>()

// Deployments
expectTypeOf(index.assertDeployment(reader, deployment)).resolves.toBeVoid()
expectTypeOf(index.assertChain(reader, index.chains[11155111])).resolves.toBeVoid()
expectTypeOf(index.chains[1].eigenLayer.allocationManager).toExtend<Address>()
expectTypeOf(index.getDeployment(1)).toEqualTypeOf<index.Deployment>()
// @ts-expect-error a chain by its id
index.getDeployment('1')
expectTypeOf(index.parseDeployment).parameter(0).toBeUnknown()
expectTypeOf(index.parseDeployment).returns.toEqualTypeOf<index.Deployment>()

// Hashes
const { signingDomain } = {} as { signingDomain: index.SigningDomain }
expectTypeOf(index.hashJob({ deployment, job })).toEqualTypeOf<Hex>()
expectTypeOf(index.hashRequest({ deployment: signingDomain, request })).toEqualTypeOf<Hex>()
expectTypeOf(index.hashAttestation({ deployment, attestation })).toEqualTypeOf<Hex>()
expectTypeOf(index.commitmentHash(hash, hash)).toEqualTypeOf<Hex>()
expectTypeOf(index.computeModelId({ originalOwner: address, name: 'silero-vad' })).toEqualTypeOf<Hex>()
expectTypeOf(index.computeModelVersionId({ modelId: hash, number: 1, version })).toEqualTypeOf<Hex>()
expectTypeOf(index.canarySalt({ isValid: true, secret: hash })).toEqualTypeOf<Hex>()
expectTypeOf(index.toTypedDataDomain({ chainId: 1, avs: address })).toEqualTypeOf<{
  readonly name: 'ProofOfInference'
  readonly version: '1'
  readonly chainId: number
  readonly verifyingContract: Address
}>()
expectTypeOf(index.createVoterCache()).toEqualTypeOf<index.VoterCache>()
expectTypeOf<index.Job>().toHaveProperty('agentId').toEqualTypeOf<bigint>()
expectTypeOf<index.Request>().toHaveProperty('deadline').toEqualTypeOf<number>()
expectTypeOf<index.Attestation>().toHaveProperty('confidence').toEqualTypeOf<number>()

// Errors are told apart by literal names, which are those of their classes.
const { caught } = {} as { caught: unknown }
if (index.isProofOfInferenceError(caught, 'FeeBelowMinimumError'))
  expectTypeOf(caught).toEqualTypeOf<index.ProofOfInferenceError<'FeeBelowMinimumError'>>()
expectTypeOf(index.isProofOfInferenceError).guards.toExtend<index.ProofOfInferenceError>()
expectTypeOf<index.FeeBelowMinimumError>().toHaveProperty('minimumFee').toEqualTypeOf<bigint>()

type Classes = typeof aggregator &
  typeof calibration &
  typeof eigenlayer &
  typeof erc8004 &
  typeof index &
  typeof operator &
  typeof payload &
  typeof payments &
  typeof requester &
  typeof runner &
  typeof verifier
type ErrorName = Exclude<Extract<keyof Classes, `${string}Error`>, 'isProofOfInferenceError' | 'ProofOfInferenceError'>
type NameOf<constructor> = constructor extends abstract new (
  ...parameters: never
) => { readonly name: infer name }
  ? name
  : never
expectTypeOf<{ [name in ErrorName]: NameOf<Classes[name]> }>().toEqualTypeOf<{ [name in ErrorName]: name }>()
