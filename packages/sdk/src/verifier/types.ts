import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Address, Hex } from 'viem'
import type { Batch } from '../payload/batch.ts'
import type {
  EncodedPayload,
  InferenceInput,
  InferenceOutput,
  IpldValue,
  ModelManifest,
  PolicyDocument,
} from '../payload/types.ts'
import type { Runner } from '../runner/types.ts'

type JobBase<policy> = {
  readonly requestId: Hex
  readonly jobId: Hex
  /** The model version that the output is claimed to come from. */
  readonly manifest: ModelManifest
  /** The policy's parameters; for {@link runVerifier}, the whole policy document. */
  readonly policy: policy
}

/** What a verifier is given. All of it was fetched by digest and decoded. */
export type VerificationJob<policy> = JobBase<policy> & {
  readonly input: InferenceInput
  /** The output under test. Everything in it, its runtime too, is a claim. */
  readonly claimed: InferenceOutput
}

/** What a verifier of batches is given. */
export type BatchVerificationJob<policy> = JobBase<policy> & {
  /** Its items are fetched as they are asked for; their outputs are claims. */
  readonly batch: Batch
}

/** A deterministic stream of random numbers. See {@link createRandom}. */
export interface Random {
  /** An integer, 0..2^32 − 1. */
  uint32(): number
  /** A multiple of 2^−53 in [0, 1). */
  float(): number
  /** An unbiased integer in [0, n), n in 1..2^32. */
  int(n: number): number
  /** A shuffled copy. */
  shuffle<item>(items: readonly item[]): item[]
}

/** What a verifier may use besides the job. */
export type VerificationContext = {
  /** Who will attest: named in the evidence. No verdict may depend on it. */
  readonly operator: Address
  /** A runner of the verified model (`model`, the default), or of a reference model of the policy by its role. */
  runner(role?: string): Promise<Runner>
  /** A stream keyed by the job: the same for all operators. Every name has its own. */
  shared(name: string): Random
  /** A stream keyed by the operator's salt, which nobody else knows before it is revealed with the evidence. */
  secret(name: string): Random
  /** The operator's salt for the request; the evidence of a sampled batch reveals it. Needed for those only. */
  readonly operatorSalt?: Hex | undefined
  readonly signal: AbortSignal
}

/** What a verifier found. Built by {@link valid}, {@link invalid}, {@link inconclusive}. */
export type Verdict = {
  /** `inconclusive` makes the operator abstain. A failure is not a verdict: it throws. */
  readonly status: 'valid' | 'invalid' | 'inconclusive'
  /** 0..1; for graded policies only. */
  readonly grade?: number
  /** Why a verdict is inconclusive or invalid, in a few words. */
  readonly reason?: string
  /** Finite numbers, for people and statistics. */
  readonly metrics: { readonly [name: string]: number }
  /** What lets others check the verdict. */
  readonly evidence: IpldValue
  /**
   * Whether the evidence holds a result that only a run of the model gives: one that cannot be derived from the claimed
   * output. Default: false. Not part of the evidence; audits ask their own run.
   */
  readonly provesWork?: boolean
}

type VerifierBase<policy> = {
  /** The npm package's name, plus `/strategy` where it has several. */
  readonly name: string
  /** At least 1; bumped whenever any verdict can change. */
  readonly revision: number
  /** What it needs of a runner. */
  readonly requires: readonly ('run' | 'score')[]
  /** Schema of the policy's parameters: synchronous, refuses unknown keys, changes nothing it accepts. */
  readonly policy: StandardSchemaV1<policy>
}

/** A verifier that judges one inference at a time, and a batch by a sample of its items if the policy says how. */
export interface ItemVerifier<policy = unknown> extends VerifierBase<policy> {
  readonly scope: 'item'
  /** Judges one inference. Throws where it cannot, which is no verdict. */
  verify(job: VerificationJob<policy>, context: VerificationContext): Promise<Verdict> | Verdict
}

/** A verifier that judges batches, and nothing else. */
export interface BatchVerifier<policy = unknown> extends VerifierBase<policy> {
  readonly scope: 'batch'
  /** Judges a batch. Throws where it cannot, which is no verdict. */
  verify(job: BatchVerificationJob<policy>, context: VerificationContext): Promise<Verdict> | Verdict
}

/** A way to verify inference, as a plug-in. Built by {@link defineVerifier}. */
export type Verifier<policy = unknown> = ItemVerifier<policy> | BatchVerifier<policy>

/** What an operator does with a verdict: abstain, or attest to `isValid` with `confidence` and the evidence's digest. */
export type VerificationResult =
  | { readonly abstain: true; readonly verdict: Verdict }
  | {
      readonly abstain: false
      readonly verdict: Verdict
      readonly isValid: boolean
      /** Basis points, 0..10000. */
      readonly confidence: number
      readonly evidence: EncodedPayload
    }

/** Verifiers by method id. Built by {@link verifierRegistry}. */
export interface VerifierRegistry {
  /** Throws an `UnknownMethodError` when no verifier has the method id. */
  get(methodId: Hex): Verifier
  readonly methodIds: readonly Hex[]
}

/** A job with its policy document, as {@link runVerifier} takes it. */
export type PolicyJob = VerificationJob<PolicyDocument> | BatchVerificationJob<PolicyDocument>
