import type { CID } from 'multiformats/cid'
import type { Hex } from 'viem'

/** sha2-256 of a payload's bytes, as the contracts hold it: `0x` and 64 lower-case hex digits. */
export type Digest = Hex

/**
 * What DAG-CBOR can carry without loss: no `undefined`, `NaN`, infinities, −0, lone surrogates, nor typed arrays other
 * than `Uint8Array`. Integers beyond ±(2^53 − 1) are `bigint`, within 64 bits.
 */
export type IpldValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | CID
  | readonly IpldValue[]
  | { readonly [key: string]: IpldValue }

/** The array that holds a tensor's elements in memory, by element type. `bool` holds 0 or 1 per byte. */
export type TensorDataByDtype = {
  float32: Float32Array
  float64: Float64Array
  int8: Int8Array
  uint8: Uint8Array
  int16: Int16Array
  uint16: Uint16Array
  int32: Int32Array
  uint32: Uint32Array
  int64: BigInt64Array
  uint64: BigUint64Array
  bool: Uint8Array
}

/** Element type of a tensor. */
export type Dtype = keyof TensorDataByDtype

/**
 * A tensor, row-major. `data` has as many elements as the product of `dims`; a scalar has `dims: []`.
 * NaN and infinities are allowed: on the wire the data is little-endian bytes.
 *
 * @example
 * const tensor: Tensor = { dtype: 'float32', dims: [1, 2], data: new Float32Array([0.5, -1]) }
 */
export type Tensor<dtype extends Dtype = Dtype> = {
  [key in dtype]: {
    readonly dtype: key
    /** Sizes, outermost first; non-negative integers, at most 16 of them. */
    readonly dims: readonly number[]
    readonly data: TensorDataByDtype[key]
  }
}[dtype]

/** A message of a chat. */
export type ChatMessage = {
  /** `system`, `user`, `assistant`, `tool`, or what else the model's chat template knows. */
  readonly role: string
  readonly content: string
}

/** Input of a model that takes named tensors. */
export type TensorsInput = {
  readonly type: 'tensors'
  readonly tensors: { readonly [name: string]: Tensor }
}

/** Input of a chat model. Sampling fields that are absent are left to the runner's defaults. */
export type ChatInput = {
  readonly type: 'chat'
  readonly messages: readonly ChatMessage[]
  /** At least 0; 0 is greedy. */
  readonly temperature?: number
  /** Over 0, at most 1. */
  readonly topP?: number
  /** At least 1. */
  readonly topK?: number
  /** Most tokens to generate; at least 1. */
  readonly maxTokens?: number
  /** Fixed by the requester, so that sampling can be repeated: 0..2^53 − 1. */
  readonly seed?: number
  /** Strings that end the generation. */
  readonly stop?: readonly string[]
}

/** Input that is any other structured value. */
export type JsonInput = { readonly type: 'json'; readonly value: IpldValue }

/** What a model was given. */
export type InferenceInput = TensorsInput | ChatInput | JsonInput

/** Inputs of a batch: one request over all of them. See {@link BatchOutput}. */
export type BatchInput = {
  readonly type: 'batch'
  /** 1..4096 inputs; none of them a batch, the same one any number of times. */
  readonly items: readonly InferenceInput[]
}

/** A runtime, apart from the weights: outputs of one profile with the same weights are comparable bit for bit. */
export type RuntimeProfile = {
  /** The library that ran the model, such as `onnxruntime-web`. */
  readonly engine: string
  /** The library's exact version. */
  readonly version: string
  /** Execution provider, such as `wasm`. */
  readonly provider: string
  /** Threads that one run used; at least 1. */
  readonly threads: number
  /** Graph optimisation level, such as `all`. */
  readonly optimization: string
}

/** A runtime and the weights it ran. Travels with every output; a claimed one is a claim. */
export type RuntimeFingerprint = RuntimeProfile & {
  /** sha2-256 of the weights' bytes. */
  readonly weightsDigest: Digest
}

type OutputBase = {
  /** The runtime that produced the output, as its producer says. */
  readonly runtime: RuntimeFingerprint
  /** Material for verifiers that check proofs instead of running the model again. */
  readonly proofs?: IpldValue
}

/** Named tensors. */
export type TensorsOutput = OutputBase & {
  readonly type: 'tensors'
  readonly tensors: { readonly [name: string]: Tensor }
}

/** Generated text. */
export type TextOutput = OutputBase & {
  readonly type: 'text'
  readonly text: string
  /** The generated tokens, where the runner knows them. */
  readonly tokenIds?: readonly number[]
}

/** Any other structured value. */
export type JsonOutput = OutputBase & { readonly type: 'json'; readonly value: IpldValue }

/** What a model answered. */
export type InferenceOutput = TensorsOutput | TextOutput | JsonOutput

/** Outputs of a batch: the output at each index is that of the input at the same index. */
export type BatchOutput = { readonly type: 'batch'; readonly items: readonly InferenceOutput[] }

/** What a model version is made of. Its canonical bytes' digest is the version's `manifestDigest`. */
export type ModelManifest = {
  readonly v: 1
  /** For people; the registry's name is what counts on chain. */
  readonly name: string
  readonly weights: {
    /** sha2-256 of the weights' bytes, by which a payload store holds them. */
    readonly digest: Digest
    /** `onnx`, or what else a runner declares among its formats. */
    readonly format: string
    /** Bytes. */
    readonly size: number
  }
  /** For models that read text. */
  readonly tokenizer?: {
    readonly digest: Digest
    readonly format: string
  }
  /** Runtimes the publisher stands behind. Empty: any. */
  readonly runtimes: readonly RuntimeProfile[]
}

/** Counts of verdicts over a set of measured cases. */
export type VerdictCounts = {
  /** Cases; `valid + invalid + inconclusive`. */
  readonly n: number
  readonly valid: number
  readonly invalid: number
  readonly inconclusive: number
}

/** A model that a verifier compares with. At least one digest is set. */
export type ModelReference = {
  /** sha2-256 of the reference's {@link ModelManifest}. */
  readonly manifestDigest?: Digest
  /** sha2-256 of its weights. */
  readonly weightsDigest?: Digest
}

/**
 * How a verifier of single inferences judges a batch: it runs on `sample` items that each operator draws with its own
 * salt, and the batch is invalid if more than `allowedFailures` of them are. Built by `batchSampling`.
 *
 * The probabilities, all 0..1, say what that is worth. They are computed again wherever a policy is encoded or decoded,
 * and none may be better than what follows from the others.
 */
export type BatchSampling = {
  /** Items to draw, m: 1..4096. A batch of fewer is refused. */
  readonly sample: number
  /** Most items among them that may be invalid, K; less than `sample`. */
  readonly allowedFailures: number
  /** Upper bound of the probability that the verifier calls an honest item invalid. */
  readonly itemErrorUpper: number
  /** Upper bound of the probability that the verifier does not call a false item invalid. */
  readonly itemMissUpper: number
  /** Bound of the probability that an operator rejects an honest batch: at least P(Bin(m, itemErrorUpper) > K). */
  readonly alpha: number
  /** Share of false items that `power` is for, over 0. */
  readonly cheatFraction: number
  /**
   * Least probability that an operator rejects a batch of which that share is false: at most
   * P(Bin(m, cheatFraction × (1 − itemMissUpper)) > K).
   */
  readonly power: number
}

/** How a model version is verified. Its canonical bytes' digest is the version's `policyDigest`. */
export type PolicyDocument<parameters = IpldValue> = {
  readonly v: 1
  /** The verifier's name: an npm package name, plus `/strategy` where the package has several. */
  readonly verifier: string
  /** The verifier's revision. */
  readonly revision: number
  /** Everything else that can affect a verdict, fully resolved; the verifier's own schema judges it. */
  readonly parameters: parameters
  /** Confidence of each verdict in basis points, 0..10000: 1 − the upper 95 % bound of its measured error. */
  readonly confidence: {
    /** Published with the version as its `validConfidence`; at least 100. */
    readonly valid: number
    readonly invalid: number
    /** The verifier grades: a valid verdict's confidence is its grade × 10000, at most `valid`. */
    readonly graded?: boolean
  }
  /** Models other than the verified one, by the role in which the verifier asks for them. `model` is reserved. */
  readonly references: { readonly [role: string]: ModelReference }
  /**
   * How batches are judged: by a verifier of single inferences on a sample, or `'verifier'`: by a verifier of batches,
   * as its parameters say. Absent: the policy takes no batches. With a sample, no confidence exceeds what the sample
   * gives (`valid`: its power; `invalid`: 1 − its alpha), as they are those of verdicts on batches too.
   */
  readonly batch?: BatchSampling | 'verifier'
  /** What was measured on data that set no threshold. */
  readonly errorRates?: {
    readonly honest: VerdictCounts
    readonly attacks: { readonly [attack: string]: VerdictCounts }
  }
  /** Where parameters and rates come from. */
  readonly calibration?: {
    /** Digest of the set that the thresholds were taken from. */
    readonly calibrationSet?: Digest
    /** Digest of the untouched set that the rates were measured on. */
    readonly testSet?: Digest
    /** Digest of the full report. */
    readonly report?: Digest
  }
}

/** Bytes and their digest. */
export type Block = { readonly bytes: Uint8Array; readonly digest: Digest }

/** An encoded payload, with the blocks it links to. */
export type EncodedPayload = Block & {
  /** Raw chunks of tensors over 1 MiB, and the items of a batch; empty for most payloads. */
  readonly blocks: readonly Block[]
}
