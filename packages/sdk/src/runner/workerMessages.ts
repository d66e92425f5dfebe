import { CID } from 'multiformats/cid'
import * as v from 'valibot'
import type { TransferredError } from '../errors/transfer.ts'
import { InvalidDefinitionError, RunnerFailedError } from '../errors/verification.ts'
import type { InferenceInput, InferenceOutput, IpldValue, ModelManifest, RuntimeFingerprint } from '../payload/types.ts'
import type { PositionScores, RunnerFactory } from './types.ts'

/** What a thread is started with. */
export type ThreadData = {
  readonly module: string
  readonly exportName: string
  readonly concurrency: number
  readonly manifest: ModelManifest
  readonly weights: Uint8Array
}

/** Something to do for a runner. */
export type Task =
  | { readonly type: 'run'; readonly input: InferenceInput; readonly seed: number | undefined }
  | { readonly type: 'score'; readonly input: InferenceInput; readonly tokenIds: readonly number[] }

/**
 * How far a task is, in memory that both threads see. It goes from `waiting` to `running` in the runner's thread, and
 * from either to `over`: whoever comes first.
 */
export const phases = { waiting: 0, running: 1, over: 2 } as const

export type ToThread =
  | { readonly type: 'task'; readonly id: number; readonly phase: Int32Array; readonly task: Task }
  /** Whether further scores are wanted: asked after each. */
  | { readonly type: 'more' | 'enough'; readonly id: number }
  | { readonly type: 'dispose' }

export type Answer =
  | { readonly type: 'output'; readonly output: InferenceOutput }
  | { readonly type: 'scores'; readonly scores: PositionScores }
  | { readonly type: 'end' }
  | { readonly type: 'error'; readonly error: TransferredError }

/** What a runner is. */
export type Description = {
  readonly fingerprint: RuntimeFingerprint
  readonly deterministic: boolean
  readonly scores: boolean
}

export type FromThread =
  | { readonly type: 'loaded'; readonly description: Description }
  | { readonly type: 'refused'; readonly error: TransferredError }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly type: 'disposed'; readonly error?: TransferredError }

const isFunction = (value: unknown) => typeof value === 'function'

const makeFactory = v.custom<() => unknown>(isFunction)
const runnerFactory: v.GenericSchema<RunnerFactory> = v.object({
  name: v.pipe(v.string(), v.nonEmpty()),
  formats: v.array(v.string()),
  supports: v.custom<RunnerFactory['supports']>(isFunction),
  load: v.custom<RunnerFactory['load']>(isFunction),
})

/** The factory that a module's export makes. Throws an `InvalidDefinitionError`, or a `RunnerFailedError`. */
export async function importFactory(module: string, exportName: string): Promise<RunnerFactory> {
  let exports: { readonly [name: string]: unknown }
  try {
    exports = await import(/* @vite-ignore */ /* webpackIgnore: true */ module)
  } catch (cause) {
    throw new RunnerFailedError({ runner: module, reason: 'its module does not load', cause })
  }
  const make = Object.hasOwn(exports, exportName) ? exports[exportName] : undefined
  const factory = v.is(makeFactory, make) ? await make() : undefined
  if (v.is(runnerFactory, factory)) return factory
  throw new InvalidDefinitionError({
    what: 'runner',
    reason: `the export ${exportName} of ${module} is no function that returns what defineRunner makes`,
  })
}

/** An input that came from another thread: cloned links are links no more. */
export function receiveInput(input: InferenceInput): InferenceInput {
  return input.type === 'json' ? { ...input, value: reviveLinks(input.value) } : input
}

/** An output that came from another thread. */
export function receiveOutput(output: InferenceOutput): InferenceOutput {
  const revived = output.type === 'json' ? { ...output, value: reviveLinks(output.value) } : output
  return revived.proofs === undefined ? revived : { ...revived, proofs: reviveLinks(revived.proofs) }
}

function reviveLinks(value: IpldValue): IpldValue {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value
  const link = CID.asCID(value)
  if (link) return link
  if (Array.isArray(value)) return value.map(reviveLinks)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, reviveLinks(member)]))
}
