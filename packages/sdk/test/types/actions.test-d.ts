import type { Address, Hex } from 'viem'
import { expectTypeOf } from 'vitest'
import type { BallotResult, OpenedRequest, RevealedCanary, WriteReturnType } from '../../src/exports/actions.ts'
import * as actions from '../../src/exports/actions.ts'
import type { JobStatus, OperatorSetKind, RequestStatus } from '../../src/exports/index.ts'
import {
  account,
  address,
  attestation,
  bytes,
  certificate,
  deployment,
  domain,
  equivocation,
  hash,
  job,
  reader,
  request,
  signed,
  version,
  wallet,
} from './stage.ts'

const asset = address
const operator = address
const requestId = hash

// What reads takes any client, and gives what its ABI says, named.
expectTypeOf(actions.getDeposit(reader, { deployment, asset, account: address })).resolves.toEqualTypeOf<bigint>()
expectTypeOf(actions.getEarnings(reader, { deployment, asset, account: address })).resolves.toEqualTypeOf<bigint>()
expectTypeOf(actions.getDepositWithdrawal(reader, { deployment, asset, account: address })).resolves.toEqualTypeOf<{
  amount: bigint
  availableAt: bigint
} | null>()
expectTypeOf(actions.getCommitment(reader, { deployment, requestId, operator })).resolves.toEqualTypeOf<Hex | null>()
expectTypeOf(
  actions.isNonceUsed(reader, { deployment, requester: address, nonce: 1n }),
).resolves.toEqualTypeOf<boolean>()
expectTypeOf(actions.getRequest(reader, { deployment, requestId })).resolves.toEqualTypeOf<OpenedRequest>()
expectTypeOf(actions.getRequests(reader, { deployment, fromBlock: 1n, requester: address })).resolves.toEqualTypeOf<
  OpenedRequest[]
>()
expectTypeOf(actions.getRequestState(reader, { deployment, requestId }))
  .resolves.toHaveProperty('status')
  .toEqualTypeOf<RequestStatus>()
expectTypeOf<RequestStatus>().toEqualTypeOf<'none' | 'open' | 'verified' | 'rejected' | 'expired'>()
expectTypeOf(actions.getJobState(reader, { deployment, jobId: hash }))
  .resolves.toHaveProperty('status')
  .toEqualTypeOf<JobStatus>()
expectTypeOf(actions.getAttestations(reader, { deployment, requestId }))
  .resolves.items.toHaveProperty('isValid')
  .toEqualTypeOf<boolean>()
expectTypeOf(actions.getAuditTrail(reader, { deployment, jobId: hash }))
  .resolves.toHaveProperty('decision')
  .exclude<null>()
  .toHaveProperty('status')
  .toEqualTypeOf<JobStatus>()
expectTypeOf(actions.getCanaries(reader, { deployment })).resolves.toEqualTypeOf<RevealedCanary[]>()
expectTypeOf(actions.getAgentRecord(reader, { deployment, agentId: 0n }))
  .resolves.toHaveProperty('verifiedJobs')
  .toEqualTypeOf<bigint>()
expectTypeOf(actions.getModelStats(reader, { deployment, modelId: hash }))
  .resolves.toHaveProperty('successfulVerifications')
  .toEqualTypeOf<bigint>()
expectTypeOf(actions.getOperatorRecord(reader, { deployment, operator, canaryRequesters: [address] }))
  .resolves.toHaveProperty('canaries')
  .toEqualTypeOf<actions.getOperatorRecord.CanaryRecord | null>()
expectTypeOf(actions.getPublishedPayload(reader, { deployment, digest: hash })).resolves.toEqualTypeOf<Uint8Array>()
expectTypeOf(actions.verifyCertificate(reader, { deployment, certificate }))
  .resolves.toHaveProperty('status')
  .toEqualTypeOf<'verified' | 'rejected'>()
expectTypeOf(actions.verifyReceipt(reader, { deployment, jobId: hash }))
  .resolves.toHaveProperty('status')
  .toEqualTypeOf<'verified' | 'rejected' | 'pending' | 'unproven' | 'invalid'>()
// @ts-expect-error a receipt is found by one of the two
actions.verifyReceipt(reader, { deployment, jobId: hash, requestHash: hash })
expectTypeOf(
  actions.watchAttestations(reader, {
    deployment,
    requestId,
    onAttestations: (attestations) => expectTypeOf(attestations).toEqualTypeOf<actions.getAttestations.ReturnType>(),
  }),
).toEqualTypeOf<() => void>()
expectTypeOf(
  actions.watchRequests(reader, {
    deployment,
    onRequests: (requests) => expectTypeOf(requests).toEqualTypeOf<OpenedRequest[]>(),
  }),
).toEqualTypeOf<() => void>()

// An outcome's response goes with its status.
const outcome = await actions.waitForOutcome(reader, { deployment, requestId })
expectTypeOf(actions.waitForOutcome).returns.resolves.toEqualTypeOf(outcome)
expectTypeOf(outcome.status).toEqualTypeOf<'verified' | 'rejected' | 'expired'>()
if (outcome.status === 'verified') expectTypeOf(outcome.response).toEqualTypeOf<number>()
if (outcome.status === 'rejected') expectTypeOf(outcome.response).toEqualTypeOf<0>()
if (outcome.status === 'expired') expectTypeOf(outcome.response).toEqualTypeOf<null>()

// The operator set
expectTypeOf(actions.getOperatorSetKind(reader, { deployment })).resolves.toEqualTypeOf<OperatorSetKind>()
expectTypeOf(actions.getClock(reader, { deployment })).resolves.toEqualTypeOf<number>()
expectTypeOf(actions.getReferenceTimepoint(reader, { deployment })).resolves.toEqualTypeOf<number>()
expectTypeOf(actions.getTotalWeight(reader, { deployment, timepoint: 1 })).resolves.toEqualTypeOf<bigint>()
expectTypeOf(actions.getSeatedOperators(reader, { deployment })).resolves.toEqualTypeOf<readonly Address[]>()
expectTypeOf(actions.getCheckpoint(reader, { deployment, operator })).resolves.toEqualTypeOf<{
  isSeated: boolean
  index: number
  weight: bigint
  timepoint: number
  signingKey: Address
} | null>()
expectTypeOf(actions.getLatestTable(reader, { deployment }))
  .resolves.toHaveProperty('loaded')
  .toEqualTypeOf<number | null>()
expectTypeOf(actions.getTable(reader, { deployment, timepoint: 1 }))
  .resolves.toHaveProperty('operators')
  .toEqualTypeOf<actions.getTable.Operator[]>()
expectTypeOf(actions.getTableSetTerms(reader, { deployment }))
  .resolves.toHaveProperty('slashable')
  .toEqualTypeOf<boolean>()
expectTypeOf(actions.getVoter(reader, { deployment, operator, timepoint: 1 })).resolves.toEqualTypeOf<
  { canVote: boolean; index: number; weight: bigint; signingKey: Address } & { totalWeight: bigint }
>()

// The registry
expectTypeOf(actions.getFee(reader, { deployment, modelId: hash, asset })).resolves.toEqualTypeOf<{
  accepted: boolean
  minimumFee: bigint
}>()
expectTypeOf(actions.getModelAgentRecord(reader, { deployment, modelId: hash, agentId: 0n })).resolves.toEqualTypeOf<{
  totalInferences: bigint
  successfulVerifications: bigint
}>()
expectTypeOf(actions.getModelInfo(reader, { deployment, modelId: hash }))
  .resolves.toHaveProperty('accuracyBps')
  .toEqualTypeOf<number>()
expectTypeOf(actions.getModelVersion(reader, { deployment, modelVersionId: hash }))
  .resolves.toHaveProperty('methodId')
  .toEqualTypeOf<Hex>()
expectTypeOf(actions.getModelVersionId(reader, { deployment, modelId: hash, number: 1 })).resolves.toEqualTypeOf<Hex>()
expectTypeOf(actions.resolveModel(reader, { deployment, model: `${address}/silero-vad@1` })).resolves.toEqualTypeOf<
  { modelVersionId: Hex } & actions.getModelVersion.ReturnType
>()

// The slasher
expectTypeOf(actions.isSlashed(reader, { deployment, operator, requestId })).resolves.toEqualTypeOf<boolean>()
expectTypeOf(actions.getSlasherDomain(reader, { deployment, domain })).resolves.toEqualTypeOf<{
  domainSeparator: Hex
  isRegistered: boolean
  executableAt: number | null
}>()
expectTypeOf(actions.getSlashingTerms(reader, { deployment })).resolves.toHaveProperty('wad').toEqualTypeOf<bigint>()
expectTypeOf(actions.findEquivocations(reader, { deployment, attestations: [signed] })).resolves.toEqualTypeOf<
  actions.Equivocation[]
>()

// What writes needs an account: the client's, or one of its own.
// @ts-expect-error nobody signs
actions.deposit(reader, { deployment, asset, amount: 1n })
expectTypeOf(actions.deposit(reader, { deployment, account, asset, amount: 1n })).resolves.toExtend<WriteReturnType>()
expectTypeOf(actions.deposit(wallet, { deployment, asset, amount: 1n })).resolves.toEqualTypeOf<
  WriteReturnType & { amount: bigint }
>()
// @ts-expect-error amounts are bigints
actions.deposit(wallet, { deployment, asset, amount: 1 })
// @ts-expect-error nobody signs
actions.requestInferenceVerification(reader, { deployment, request, job })
expectTypeOf(
  actions.requestInferenceVerification(wallet, { deployment, request, job, input: bytes, output: hash, consent: hash }),
).resolves.toEqualTypeOf<WriteReturnType & { requestId: Hex; jobId: Hex }>()
// @ts-expect-error nobody signs
actions.submitVerification(reader, { deployment, request, job, ...signed })
expectTypeOf(actions.submitVerification(wallet, { deployment, request, job, ...signed })).resolves.toEqualTypeOf<
  WriteReturnType & { requestId: Hex; weight: bigint; isCounted: boolean; status: RequestStatus }
>()
expectTypeOf(
  actions.submitVerifications(wallet, { deployment, ballots: [{ request, job, votes: [signed] }] }),
).resolves.toEqualTypeOf<WriteReturnType & { results: BallotResult[] }>()
expectTypeOf(actions.settleCertificates(wallet, { deployment, certificates: [certificate] })).resolves.toEqualTypeOf<
  WriteReturnType & { results: BallotResult[] }
>()
expectTypeOf(actions.encodeSettleCertificates([certificate])).toEqualTypeOf<Hex>()
expectTypeOf(actions.claimFees(wallet, { deployment, operator, requests: [request] })).resolves.toEqualTypeOf<
  WriteReturnType & { credits: { asset: Address; amount: bigint }[] }
>()
expectTypeOf(
  actions.commitVerification(wallet, { deployment, request, operator, commitment: hash }),
).resolves.toEqualTypeOf<WriteReturnType & { requestId: Hex }>()
expectTypeOf(actions.initiateDepositWithdrawal(wallet, { deployment, asset, amount: 1n })).resolves.toEqualTypeOf<
  WriteReturnType & { amount: bigint; availableAt: bigint }
>()
expectTypeOf(actions.completeDepositWithdrawal(wallet, { deployment, asset })).resolves.toEqualTypeOf<
  WriteReturnType & { amount: bigint }
>()
expectTypeOf(actions.withdrawEarnings(wallet, { deployment, asset, owner: address })).resolves.toEqualTypeOf<
  WriteReturnType & { amount: bigint }
>()
expectTypeOf(actions.postFeedback(wallet, { deployment, job })).resolves.toEqualTypeOf<
  WriteReturnType & { jobId: Hex; agentId: bigint; value: number }
>()
expectTypeOf(actions.postReceipt(wallet, { deployment, job, uri: 'ipfs://' })).resolves.toEqualTypeOf<
  WriteReturnType & { jobId: Hex; requestHash: Hex; response: number }
>()
expectTypeOf(actions.recordConsent(wallet, { deployment, job, consent: hash })).resolves.toEqualTypeOf<
  WriteReturnType & { jobId: Hex }
>()
expectTypeOf(actions.releaseUnearnedFee(wallet, { deployment, request })).resolves.toEqualTypeOf<
  WriteReturnType & { amount: bigint }
>()
expectTypeOf(actions.revealCanary(wallet, { deployment, job, isValid: true, secret: hash })).resolves.toEqualTypeOf<
  WriteReturnType & { jobId: Hex }
>()
expectTypeOf(actions.settleRequest(wallet, { deployment, request, job }))
  .resolves.toHaveProperty('status')
  .toExtend<RequestStatus>()
expectTypeOf(actions.loadTable(wallet, { deployment })).resolves.toEqualTypeOf<
  WriteReturnType & actions.getTable.ReturnType
>()
expectTypeOf(actions.refreshWeights(wallet, { deployment, operators: [operator] })).resolves.toEqualTypeOf<
  WriteReturnType & { checkpoints: actions.refreshWeights.Checkpoint[] }
>()
const fees = [{ asset, accepted: true, minimumFee: 1n }]
expectTypeOf(actions.registerModel(wallet, { deployment, name: 'silero-vad', version, fees })).resolves.toEqualTypeOf<
  WriteReturnType & { modelId: Hex; modelVersionId: Hex }
>()
expectTypeOf(actions.publishVersion(wallet, { deployment, modelId: hash, version })).resolves.toEqualTypeOf<
  WriteReturnType & { modelVersionId: Hex; number: number }
>()
expectTypeOf(
  actions.setActive(wallet, { deployment, modelId: hash, active: true }),
).resolves.toEqualTypeOf<WriteReturnType>()
expectTypeOf(actions.setFees(wallet, { deployment, modelId: hash, fees })).resolves.toEqualTypeOf<WriteReturnType>()
expectTypeOf(
  actions.transferModel(wallet, { deployment, modelId: hash, newOwner: address }),
).resolves.toEqualTypeOf<WriteReturnType>()
expectTypeOf(actions.proposeSlasherDomain(wallet, { deployment, domain })).resolves.toEqualTypeOf<
  WriteReturnType & { executableAt: number }
>()
expectTypeOf(actions.registerSlasherDomain(wallet, { deployment, domain })).resolves.toEqualTypeOf<WriteReturnType>()
expectTypeOf(actions.cancelSlasherDomain(wallet, { deployment, domain })).resolves.toEqualTypeOf<WriteReturnType>()
expectTypeOf(actions.slashEquivocation(wallet, { deployment, equivocation }))
  .resolves.toHaveProperty('slashId')
  .toEqualTypeOf<bigint>()

// What signs sends nothing.
// @ts-expect-error nobody signs
actions.signAttestation(reader, { deployment, attestation })
expectTypeOf(actions.signAttestation(wallet, { deployment, attestation })).resolves.toEqualTypeOf<Hex>()
expectTypeOf(actions.signConsent(wallet, { deployment, job })).resolves.toEqualTypeOf<Hex>()
expectTypeOf(actions.signRequest(wallet, { deployment, request })).resolves.toEqualTypeOf<Hex>()

// Errors are told apart by their names.
expectTypeOf<
  Extract<actions.deposit.ErrorType, { name: 'ZeroAmountError' }>['name']
>().toEqualTypeOf<'ZeroAmountError'>()
expectTypeOf<'RequestNotFoundError'>().toExtend<actions.getRequest.ErrorType['name']>()
