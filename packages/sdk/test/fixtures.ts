import type { Address, Hex } from 'viem'
import { keccak256, toHex, zeroAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { SignedVote } from '../src/operator/machine.ts'
import type { RequestRecord } from '../src/operator/store.ts'
import { hashJob, hashRequest, type Job, type Request } from '../src/utils/typedData.ts'

export const signer = privateKeyToAccount(keccak256(toHex('an operator')))
export const owner = {
  chainId: 31_337,
  avs: '0x00000000000000000000000000000000000000A5' as Address,
  operator: signer.address,
}
export const deployment = {
  ...owner,
  startBlock: 1n,
  modelRegistry: '0x00000000000000000000000000000000000000a1',
  operatorSet: '0x00000000000000000000000000000000000000a2',
  slasher: null,
  identityRegistry: '0x00000000000000000000000000000000000000a3',
  validationRegistry: null,
  reputationRegistry: null,
} as const

/** A hash that a name stands for. */
export const hashOf = (name: string): Hex => keccak256(toHex(name))

export function createJob(name: string, changes: Partial<Job> = {}): Job {
  return {
    modelVersionId: hashOf('version'),
    inputDigest: hashOf('input'),
    outputDigest: hashOf('output'),
    hasAgent: true,
    agentId: 2n ** 255n,
    payee: zeroAddress,
    quorumBps: 6667,
    minAttestations: 1,
    minConfidence: 9000,
    salt: hashOf(name),
    ...changes,
  }
}

export function createRequest(job: Job, nonce: bigint, changes: Partial<Request> = {}): Request {
  return {
    jobId: hashJob({ deployment, job }),
    requester: zeroAddress,
    asset: zeroAddress,
    reward: 2n ** 100n,
    verificationFee: 1000n,
    deadline: 2_000_000_000,
    referenceTimepoint: 1,
    commitWindow: 0,
    nonce,
    ...changes,
  }
}

export function createRecord(name: string, changes: Partial<RequestRecord> = {}): RequestRecord {
  const job = createJob(name)
  const request = createRequest(job, 0n)
  return {
    requestId: hashRequest({ deployment, request }),
    request,
    job,
    blockNumber: 10n,
    transactionHash: hashOf('transaction'),
    state: { status: 'seen' },
    ...changes,
  }
}

export function createVote(requestId: Hex, changes: Partial<SignedVote['attestation']> = {}): SignedVote {
  const attestation = {
    requestId,
    operator: signer.address,
    isValid: true,
    confidence: 9900,
    method: hashOf('method'),
    evidenceDigest: hashOf('evidence'),
    ...changes,
  }
  return { attestation, signature: '0x1234', side: attestation.isValid ? 'verified' : 'rejected' }
}
