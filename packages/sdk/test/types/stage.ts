// Values that the type tests call functions with. They are types only: nothing of it runs.
import type { Account, Address, Chain, Client, Hex, Transport } from 'viem'
import type { Certificate, Equivocation, SignedAttestation, SlasherDomain } from '../../src/exports/actions.ts'
import type { Erc8004Registries } from '../../src/exports/erc8004.ts'
import type { Attestation, Deployment, Job, Request, VersionConfig } from '../../src/exports/index.ts'
import type {
  InferenceInput,
  InferenceOutput,
  ModelManifest,
  PayloadStore,
  PolicyDocument,
} from '../../src/exports/payload.ts'
import type { Runner } from '../../src/exports/runner.ts'

/** A client without an account. */
export declare const reader: Client<Transport, Chain, undefined>
/** A client with one. */
export declare const wallet: Client<Transport, Chain, Account>

export declare const deployment: Deployment
export declare const registries: Erc8004Registries
export declare const account: Account
export declare const address: Address
export declare const hash: Hex
export declare const bytes: Uint8Array
export declare const job: Job
export declare const request: Request
export declare const attestation: Attestation
export declare const signed: SignedAttestation
export declare const certificate: Certificate
export declare const equivocation: Equivocation
export declare const domain: SlasherDomain
export declare const version: VersionConfig
export declare const manifest: ModelManifest
export declare const policy: PolicyDocument
export declare const input: InferenceInput
export declare const output: InferenceOutput
export declare const payloads: PayloadStore
export declare const runner: Runner
export declare const signal: AbortSignal
