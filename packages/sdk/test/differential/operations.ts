import type { Address, Hex } from 'viem'
import type { Attestation, Job, Request } from '../../src/utils/typedData.ts'
import type { Signed } from './signing.ts'

export type CastVote = { readonly attestation: Attestation; readonly signed: Signed }

export type CastBallot = {
  readonly request: Request
  readonly job: Job
  readonly votes: readonly CastVote[]
  readonly operatorSalts: readonly Hex[]
}

export type SignedCertificate = {
  readonly request: Request
  readonly job: Job
  readonly requesterSignature: Signed
  readonly consent: Signed
  readonly votes: readonly CastVote[]
}

/** A call of the contract under test, or of what surrounds it, by what it means. */
export type Operation = { readonly from: Address } & (
  | { readonly name: 'deposit'; readonly asset: Address; readonly amount: bigint; readonly value: bigint }
  | { readonly name: 'initiateDepositWithdrawal'; readonly asset: Address; readonly amount: bigint }
  | { readonly name: 'completeDepositWithdrawal'; readonly asset: Address }
  | { readonly name: 'withdrawEarnings'; readonly asset: Address; readonly account: Address }
  | {
      readonly name: 'requestInferenceVerification'
      readonly request: Request
      readonly job: Job
      readonly fromDeposit: boolean
      readonly consent: Signed
      readonly input: Hex
      readonly output: Hex
      readonly value: bigint
    }
  | { readonly name: 'recordConsent'; readonly job: Job; readonly consent: Signed }
  | { readonly name: 'settleRequest'; readonly request: Request; readonly job: Job }
  | {
      readonly name: 'commitVerification'
      readonly request: Request
      readonly operator: Address
      readonly commitment: Hex
    }
  | {
      readonly name: 'submitVerification'
      readonly request: Request
      readonly job: Job
      readonly vote: CastVote
      readonly operatorSalt: Hex
    }
  | { readonly name: 'submitVerifications'; readonly ballots: readonly CastBallot[] }
  | { readonly name: 'settleCertificates'; readonly certificates: readonly SignedCertificate[] }
  | { readonly name: 'claimFees'; readonly operator: Address; readonly requests: readonly Request[] }
  | { readonly name: 'releaseUnearnedFee'; readonly request: Request }
  | { readonly name: 'pauseRequests' | 'unpauseRequests' }
  | { readonly name: 'setActive'; readonly isActive: boolean }
  | { readonly name: 'setAgentWallet'; readonly agentId: bigint; readonly wallet: Address }
)

/** Calls that share a block, and so a time. */
export type Block = { readonly timestamp: number; readonly operations: readonly Operation[] }

export type Event = { readonly name: string; readonly args: Readonly<Record<string, unknown>> }

/** What the set says of an operator at a timepoint. */
export type Voter = {
  readonly operator: Address
  readonly canVote: boolean
  readonly index: number
  readonly weight: bigint
  readonly signingKey: Address
}

/** The operator set at a timepoint. */
export type Electorate = { readonly timepoint: number; readonly voters: readonly Voter[] }

export type Scenario = { readonly electorates: readonly Electorate[]; readonly blocks: readonly Block[] }
