import type * as Transformers from '@huggingface/transformers'
import * as v from 'valibot'
import { OptionalDependencyMissingError, RunnerFailedError, RunnerUnavailableError } from '../errors/verification.ts'
import { tokenId } from '../payload/schemas.ts'
import { isDtype, tensorOf } from '../payload/tensor.ts'
import type { InferenceInput, InferenceOutput, RuntimeFingerprint, Tensor } from '../payload/types.ts'
import { defineRunner } from './defineRunner.ts'
import { type LanguageModel, languageModel, type Network } from './languageModel.ts'
import { oneAtATime } from './oneAtATime.ts'
import { parseTransformersWeights, type TransformersModel, transformersWeights } from './transformersWeights.ts'
import type { Runner, RunnerFactory, RunOptions } from './types.ts'

/** How `@huggingface/transformers` runs a model. */
export type TransformersOptions = {
  /** Folders of models, each as Hugging Face lays it out. Of them, the one whose files are the manifest's is loaded. */
  readonly folders: readonly string[]
  /** Threads of a run. Default: 1. */
  readonly threads?: number
  /** Graph optimisation level. Default: `all`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'layout' | 'all'
}

type Fail = (reason: string, cause?: unknown) => RunnerFailedError
type Output = InferenceOutput extends infer output ? (output extends unknown ? Omit<output, 'runtime'> : never) : never

/** A loaded model. */
type Task = {
  readonly language?: LanguageModel
  run(input: InferenceInput, options: RunOptions): Promise<Output>
  free(): Promise<unknown>
}

const text = v.pipe(v.string(), v.nonEmpty())
const texts = v.union([text, v.pipe(v.array(text), v.minLength(1))])
const features = v.strictObject({
  text: texts,
  pooling: v.exactOptional(v.picklist(['none', 'mean', 'cls', 'last_token']), 'none'),
  normalize: v.exactOptional(v.boolean(), false),
})
const classified = v.strictObject({
  text,
  topK: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1)), 1),
})
const classes = v.array(v.strictObject({ label: v.string(), score: v.pipe(v.number(), v.finite()) }))
const ending = v.object({ eos_token_id: v.nullish(v.union([tokenId, v.array(tokenId)]), []) })

/**
 * Runs models of the Hugging Face hub from folders on disk, with their tokenizers, by Transformers.js on
 * onnxruntime-node. Nothing is downloaded. What a model takes and gives follows from the task in its weights, which
 * {@link transformersWeights} makes:
 *
 * | task | input of type `json` | output |
 * | --- | --- | --- |
 * | `feature-extraction` | `{ text, pooling?, normalize? }`; text or texts; pooling `none`, `mean`, `cls` or `last_token` | tensor `features` |
 * | `text-classification` | `{ text, topK? }` | `json`: `{ label, score }` of the likeliest, the first first |
 * | `text-generation` | `Completion` | `text` with token ids, sampled as `samplerName` says; it scores |
 *
 * `load` throws an `OptionalDependencyMissingError` when @huggingface/transformers is not installed, a
 * `RunnerUnavailableError` when no folder has exactly the files of the weights, a `RunnerFailedError` when the library
 * refuses the model. `run` throws a `RunnerFailedError` when the input is not the task's; an abort takes effect before or
 * after a run, and between generated tokens.
 *
 * @example
 * const runners = runnerRegistry({ runners: [transformers({ folders: ['./models/minilm'] })], payloads })
 */
export function transformers(options: TransformersOptions): RunnerFactory {
  const { folders, threads = 1, optimization = 'all' } = options
  if (!Number.isSafeInteger(threads) || threads < 1)
    throw new RangeError(`threads must be a positive integer, not ${threads}`)
  return defineRunner({
    name: 'transformers',
    formats: ['transformers'],
    supports: () => true,
    async load({ manifest, weights, signal }) {
      const weightsDigest = manifest.weights.digest
      const model = parseTransformersWeights(weights)
      const folder = await findFolder(folders, model, weightsDigest)
      signal?.throwIfAborted()
      const library = await importTransformers()
      signal?.throwIfAborted()
      const version = 'versions' in library.env.backends.onnx ? library.env.backends.onnx.versions?.node : undefined
      if (version === undefined) throw fail('onnxruntime-node does not say its version')
      const session = {
        local_files_only: true,
        // Of files that were downloaded, where the library would look first.
        cache_dir: folder,
        device: 'cpu',
        dtype: model.dtype,
        session_options: {
          intraOpNumThreads: threads,
          interOpNumThreads: 1,
          graphOptimizationLevel: optimization,
          // Fatal errors only: what goes wrong is thrown.
          logSeverityLevel: 4,
        },
      } as const
      const task = await tasks[model.task](library, folder, session).catch((cause: unknown) => {
        throw fail(`Transformers.js does not load the model in ${folder}`, cause)
      })
      return createRunner(task, {
        engine: 'transformers.js',
        version: `${library.env.version}+onnxruntime-node-${version}`,
        provider: 'cpu',
        threads,
        optimization,
        weightsDigest,
      })
    },
  })
}

async function findFolder(folders: readonly string[], model: TransformersModel, digest: string): Promise<string> {
  for (const folder of folders) if ((await transformersWeights(folder, model)).weights.digest === digest) return folder
  throw new RunnerUnavailableError({
    weightsDigest: digest,
    reason: `none of the folders ${folders.join(', ')} has the files of the weights, and no other`,
  })
}

function createRunner({ run, language, free }: Task, fingerprint: RuntimeFingerprint): Runner {
  const runs = oneAtATime(fail, free)
  return {
    fingerprint,
    deterministic: fingerprint.threads === 1,
    run: (input, options = {}) =>
      runs.run(options.signal, async () => ({ ...(await run(input, options)), runtime: fingerprint })),
    ...(language && {
      async *score(input, tokenIds, { signal } = {}) {
        yield* await runs.run(signal, () => language.score(input, tokenIds, signal))
      },
      decode: async (tokenIds) => language.decode(tokenIds),
    }),
    dispose: () => runs.dispose(),
  }
}

type Library = typeof Transformers
type Load = (library: Library, folder: string, session: Transformers.PretrainedModelOptions) => Promise<Task>

const tasks: { readonly [task in TransformersModel['task']]: Load } = {
  async 'feature-extraction'({ pipeline }, folder, session) {
    const extract = await pipeline('feature-extraction', folder, session)
    return {
      async run(input) {
        const { text, pooling, normalize } = read(features, input)
        const found = await extract(typeof text === 'string' ? text : [...text], { pooling, normalize }).catch(refused)
        return { type: 'tensors', tensors: { features: toTensor(found) } }
      },
      free: () => extract.dispose(),
    }
  },

  async 'text-classification'({ pipeline }, folder, session) {
    const classify = await pipeline('text-classification', folder, session)
    return {
      async run(input) {
        const { text, topK } = read(classified, input)
        const value = v.safeParse(classes, await classify(text, { top_k: topK }).catch(refused))
        if (!value.success) throw fail('the library gives no classes with finite scores')
        return { type: 'json', value: value.output }
      },
      free: () => classify.dispose(),
    }
  },

  async 'text-generation'(library, folder, session) {
    const tokenizer = await library.AutoTokenizer.from_pretrained(folder, session)
    const model = await library.AutoModelForCausalLM.from_pretrained(folder, session)
    const { eos_token_id: ends } = v.parse(ending, { ...model.config, ...model.generation_config })
    const format = 'tokenizer.json'
    const language = languageModel({
      network: networkOf(library, model),
      tokenizerFormat: format,
      tokenizers: [
        {
          format,
          endOfSequence: [ends ?? []].flat(),
          encode: (text) => tokenizer.encode(text),
          // The library refuses to decode nothing.
          decode: (tokenIds) =>
            tokenIds.length === 0 ? '' : tokenizer.decode([...tokenIds], { skip_special_tokens: true }),
        },
      ],
      fail,
    })
    return { language, run: (input, options) => language.generate(input, options), free: () => model.dispose() }
  },
}

/** What a network remembers of a sequence: its tokens, and what the model computed of them, if it keeps that. */
class Sequence {
  constructor(
    readonly tokenIds: readonly number[],
    readonly cache: Transformers.DynamicCache | undefined,
  ) {}
}

function networkOf({ Tensor, DynamicCache }: Library, model: Transformers.PreTrainedModel): Network {
  return async (tokenIds, previous) => {
    const before = previous instanceof Sequence ? previous : new Sequence([], undefined)
    const all = [...before.tokenIds, ...tokenIds]
    const fed = before.cache ? tokenIds : all
    const outputs: Record<string, Transformers.Tensor> = await model
      .forward({
        input_ids: new Tensor('int64', BigInt64Array.from(fed, BigInt), [1, fed.length]),
        attention_mask: new Tensor('int64', new BigInt64Array(all.length).fill(1n), [1, all.length]),
        ...(before.cache && { past_key_values: before.cache }),
      })
      .catch(refused)
    const { dims, data } = outputs.logits ?? {}
    const [batch, length, vocabulary] = dims ?? []
    if (!(data instanceof Float32Array) || batch !== 1 || length !== fed.length || vocabulary === undefined)
      throw fail(`the model gives no float32 logits of shape [1, ${fed.length}, vocabulary]`)
    const memory = Object.entries(outputs)
      .filter(([name]) => name.startsWith('present'))
      .map(([name, tensor]) => [
        name.replace(/^present(_?)/, (_, more) => (more ? 'past_' : 'past_key_values')),
        tensor,
      ])
    const cache = memory.length > 0 ? new DynamicCache(Object.fromEntries(memory)) : undefined
    return { logits: data.slice(), vocabulary, state: new Sequence(all, cache) }
  }
}

function read<value>(schema: v.GenericSchema<unknown, value>, input: InferenceInput): value {
  const parsed = v.safeParse(schema, input.type === 'json' ? input.value : undefined)
  if (parsed.success) return parsed.output
  throw fail(`the input is not one of the task: ${v.summarize(parsed.issues).slice(0, 500)}`)
}

/** A tensor of the library's, copied. */
function toTensor({ type, dims, data }: Transformers.Tensor): Tensor {
  if (!isDtype(type) || !ArrayBuffer.isView(data))
    throw fail(`the features are of ${type}, which payloads do not carry`)
  return tensorOf(type, dims, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

function refused(cause: unknown): never {
  throw fail('Transformers.js does not run the model on the input', cause)
}

const fail: Fail = (reason, cause) => new RunnerFailedError({ runner: 'transformers', reason, cause })

async function importTransformers(): Promise<Library> {
  try {
    return await import('@huggingface/transformers')
  } catch (cause) {
    throw new OptionalDependencyMissingError({
      name: '@huggingface/transformers',
      install: 'npm install @huggingface/transformers',
      cause,
    })
  }
}
