import type * as Ort from 'onnxruntime-web'
import { RunnerFailedError } from '../errors/verification.ts'
import { isDtype, tensorOf } from '../payload/tensor.ts'
import type { InferenceInput, ModelManifest, RuntimeFingerprint, Tensor } from '../payload/types.ts'
import { type LanguageModel, languageModel, type Network } from './languageModel.ts'
import { oneAtATime } from './oneAtATime.ts'
import type { Tokenizer } from './tokenizer.ts'
import type { Runner } from './types.ts'

type Fail = (reason: string, cause?: unknown) => RunnerFailedError

export type OnnxSession = {
  /** Of the runner, for errors. */
  readonly name: string
  /** Of the library, for errors. */
  readonly library: string
  readonly Tensor: typeof Ort.Tensor
  readonly session: Ort.InferenceSession
  readonly manifest: ModelManifest
  readonly tokenizers: readonly Tokenizer[]
  readonly fingerprint: RuntimeFingerprint
}

/** A runner on a session of ONNX Runtime, whichever build of it. */
export function onnxRunner(parameters: OnnxSession): Runner {
  const { name, library, Tensor, session, manifest, fingerprint } = parameters
  const fail: Fail = (reason, cause) => new RunnerFailedError({ runner: name, reason, cause })
  const runs = oneAtATime(fail, () => session.release())

  const runSession = (feeds: Ort.InferenceSession.FeedsType) =>
    session.run(feeds, { logSeverityLevel: 4 }).catch((cause: unknown) => {
      throw fail(`${library} does not run the model on the input`, cause)
    })

  const language = createLanguageModel(parameters, runSession, fail)
  return {
    fingerprint,
    deterministic: fingerprint.threads === 1,
    run: (input, options = {}) =>
      runs.run(options.signal, async () => {
        if (language && input.type !== 'tensors')
          return { ...(await language.generate(input, options)), runtime: fingerprint }
        const results = await runSession(toFeeds(Tensor, session, input, fail))
        const tensors = Object.fromEntries(
          Object.entries(results).map(([name, result]) => [name, fromOrt(name, result, fail)]),
        )
        return { type: 'tensors', tensors, runtime: fingerprint } as const
      }),
    ...(language && {
      async *score(input, tokenIds, { signal } = {}) {
        yield* await runs.run(signal, () => language.score(input, tokenIds, signal))
      },
    }),
    ...(language &&
      manifest.tokenizer && {
        async decode(tokenIds) {
          return language.decode(tokenIds)
        },
      }),
    dispose: () => runs.dispose(),
  }
}

/** The session as a language model; `undefined` if its inputs and outputs are not those of one. */
function createLanguageModel(
  { Tensor, session, manifest, tokenizers }: OnnxSession,
  runSession: (feeds: Ort.InferenceSession.FeedsType) => Promise<Ort.InferenceSession.OnnxValueMapType>,
  fail: Fail,
): LanguageModel | undefined {
  const inputs = session.inputMetadata
  if (!session.inputNames.includes('input_ids') || !session.outputNames.includes('logits')) return undefined
  const memory = inputs.filter(({ name }) => name.startsWith('past'))
  const presentOf = (past: string) => past.replace(/^past(_key_values)?/, 'present')
  const known = ['input_ids', 'attention_mask', 'position_ids', ...memory.map(({ name }) => name)]
  if (
    inputs.some(({ name }) => !known.includes(name)) ||
    memory.some(({ name }) => !session.outputNames.includes(presentOf(name)))
  )
    return undefined

  const int64 = (values: readonly number[]) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])

  const network: Network = async (tokenIds, previous) => {
    const before = previous instanceof Memory ? previous : new Memory([], emptyMemory(Tensor, memory, fail))
    const all = [...before.tokenIds, ...tokenIds]
    // A model that remembers nothing reads the sequence again.
    const fed = memory.length > 0 ? tokenIds : all
    const feeds: Record<string, Ort.Tensor> = { input_ids: int64(fed), ...before.tensors }
    if (session.inputNames.includes('attention_mask')) feeds.attention_mask = int64(all.map(() => 1))
    if (session.inputNames.includes('position_ids'))
      feeds.position_ids = int64(fed.map((_, index) => all.length - fed.length + index))
    const results = await runSession(feeds)
    const after: Record<string, Ort.Tensor> = {}
    for (const { name } of memory) {
      const present = results[presentOf(name)]
      if (!present) throw fail(`the model gave no ${presentOf(name)}`)
      after[name] = present
    }
    const scores = results.logits
    const [batch, sequence, vocabulary] = scores?.dims ?? []
    if (!scores || !(scores.data instanceof Float32Array) || vocabulary === undefined)
      throw fail('the logits are not float32 of shape [batch, sequence, vocabulary]')
    if (batch !== 1 || sequence !== fed.length)
      throw fail(`the logits are of shape [${scores.dims.join(', ')}] for ${fed.length} tokens`)
    return { logits: scores.data.slice(), vocabulary, state: new Memory(all, after) }
  }
  return languageModel({ network, tokenizerFormat: manifest.tokenizer?.format, tokenizers, fail })
}

/** What a network remembers of the tokens it read. */
class Memory {
  constructor(
    readonly tokenIds: readonly number[],
    readonly tensors: Readonly<Record<string, Ort.Tensor>>,
  ) {}
}

/** Zeros where a shape is fixed; a batch of one, of no tokens, where it is not. */
function emptyMemory(
  Tensor: typeof Ort.Tensor,
  memory: readonly Ort.InferenceSession.ValueMetadata[],
  fail: Fail,
): Record<string, Ort.Tensor> {
  return Object.fromEntries(
    memory.map((metadata) => {
      if (!metadata.isTensor || metadata.type !== 'float32') throw fail(`the input ${metadata.name} is not of float32`)
      const dims = metadata.shape.map((dim) => (isFixed(dim) ? Number(dim) : /batch/.test(String(dim)) ? 1 : 0))
      const size = dims.reduce((product, dim) => product * dim, 1)
      return [metadata.name, new Tensor('float32', new Float32Array(size), dims)]
    }),
  )
}

function toFeeds(
  Tensor: typeof Ort.Tensor,
  session: Ort.InferenceSession,
  input: InferenceInput,
  fail: Fail,
): Record<string, Ort.Tensor> {
  if (input.type !== 'tensors') throw fail(`the model takes tensors, the input is of type ${input.type}`)
  const names = Object.keys(input.tensors)
  const unknown = names.filter((name) => !session.inputNames.includes(name))
  if (unknown.length > 0 || names.length !== session.inputNames.length)
    throw fail(`the model takes the inputs ${session.inputNames.join(', ')}, not ${names.join(', ')}`)
  const feeds: Record<string, Ort.Tensor> = {}
  for (const metadata of session.inputMetadata) {
    const tensor = input.tensors[metadata.name]
    if (!tensor) throw fail(`the input ${metadata.name} is missing`)
    if (!metadata.isTensor) throw fail(`the model's input ${metadata.name} is not a tensor`)
    if (metadata.type !== tensor.dtype)
      throw fail(`the input ${metadata.name} is of ${metadata.type}, not ${tensor.dtype}`)
    if (!fits(tensor.dims, metadata.shape))
      throw fail(
        `the input ${metadata.name} is of shape [${metadata.shape.map((dim) => (isFixed(dim) ? dim : '?')).join(', ')}], not [${tensor.dims.join(', ')}]`,
      )
    feeds[metadata.name] = new Tensor(tensor.dtype, tensor.data, tensor.dims)
  }
  return feeds
}

/** Whether a shape is one that the model takes. The library gives an empty shape also where it knows none. */
function fits(dims: readonly number[], shape: readonly (number | string)[]): boolean {
  if (shape.length === 0) return true
  return dims.length === shape.length && shape.every((dim, axis) => !isFixed(dim) || dim === dims[axis])
}

/** Whether a dimension has one size; the library gives a name, or −1 as an unsigned integer, for those that do not. */
function isFixed(dim: number | string): boolean {
  return typeof dim === 'number' && dim >= 0 && dim < 0xffffffff
}

/** A tensor of the model's, copied: the library may reuse its memory. */
function fromOrt(name: string, tensor: Ort.Tensor, fail: Fail): Tensor {
  const { dims, type, data } = tensor
  if (!isDtype(type) || !ArrayBuffer.isView(data))
    throw fail(`the output ${name} is of ${type}, which payloads do not carry`)
  const copy = tensorOf(type, dims, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  tensor.dispose()
  return copy
}
