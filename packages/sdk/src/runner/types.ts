import type { InferenceInput, InferenceOutput, ModelManifest, RuntimeFingerprint } from '../payload/types.ts'

/** Seed and abort of a run. */
export type RunOptions = {
  /** Seed of a sampling run, where the input does not fix one. */
  readonly seed?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a model says about one position of a given token sequence (teacher forcing). */
export type PositionScores = {
  /** Index of the token that the scores are for. */
  readonly position: number
  /** Activations of the last hidden layer, where the runner has them. */
  readonly hidden?: Float32Array
} & (
  | { readonly kind: 'logits'; readonly logits: Float32Array }
  /** Of the likeliest tokens, and of the one that was given: without it, nothing can be said of it. */
  | { readonly kind: 'topK'; readonly tokenIds: Uint32Array; readonly logprobs: Float32Array }
)

/** A loaded model, ready to run. */
export interface Runner {
  readonly fingerprint: RuntimeFingerprint
  /** Whether the same input (and seed) gives the same bits on every run. */
  readonly deterministic: boolean
  /** Runs the model once. The output's `runtime` is the runner's fingerprint. Throws on failure. */
  run(input: InferenceInput, options?: RunOptions): Promise<InferenceOutput>
  /** Scores given tokens without generating. */
  score?(
    input: InferenceInput,
    tokenIds: readonly number[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<PositionScores>
  /** The text of generated tokens, where the runner knows the tokenizer. Tokens that end a text are not part of it. */
  decode?(tokenIds: readonly number[], options?: { readonly signal?: AbortSignal | undefined }): Promise<string>
  /** Frees what the model holds. A disposed runner must not be used. Disposing twice is harmless. */
  dispose(): Promise<void>
}

/** Makes runners of one engine. Built by {@link defineRunner}. */
export interface RunnerFactory {
  /** Names the engine in errors. */
  readonly name: string
  /** Weight formats it loads, as `ModelManifest.weights.format` names them. */
  readonly formats: readonly string[]
  /** `true`, or why it cannot run the model. */
  supports(manifest: ModelManifest): true | string
  /** Loads a model. `weights` were already checked against the manifest's digest. */
  load(parameters: {
    readonly manifest: ModelManifest
    readonly weights: Uint8Array
    readonly signal?: AbortSignal | undefined
  }): Promise<Runner>
}

/** Resolves models to loaded runners. Built by {@link runnerRegistry}. */
export interface RunnerRegistry {
  /**
   * A lease on the model's runner; `dispose()` hands it back. Loads the model unless it is loaded already.
   * Throws a `RunnerUnavailableError` that says why, or a `WeightsDigestMismatchError`.
   */
  resolve(
    manifest: ModelManifest,
    options?: { readonly signal?: AbortSignal | undefined; readonly modelVersionId?: string | undefined },
  ): Promise<Runner>
  /** Disposes all loaded models, whether leased or not. */
  dispose(): Promise<void>
}
