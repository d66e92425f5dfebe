import { PayloadTooLargeError, PayloadUnavailableError } from '../errors/payload.ts'
import { assertPair, fromLinks } from './batchLinks.ts'
import { type DecodeOptions, decodeInputAs, decodeOutputAs, open, toInput, toOutput } from './inference.ts'
import type { PayloadSource } from './store.ts'
import { defaultMaxBytes, getVerified } from './transfer.ts'
import type { Digest, InferenceInput, InferenceOutput } from './types.ts'

/** Most bytes that are fetched for the items of a batch, where the caller does not say: 1 GiB. */
const defaultMaxBatchBytes = 1024 * 1024 * 1024

/** Items that are fetched ahead of the one in use. */
const prefetch = 2

/** An inference under test: an input, and the output that is claimed for it. */
export type Inference = { readonly input: InferenceInput; readonly claimed: InferenceOutput }

/** An item of a batch. */
export type BatchItem = Inference & {
  /** 0..`size` − 1. */
  readonly index: number
}

/** A batch whose items are fetched as they are asked for. */
export type Batch = {
  /** Items; 1..4096. */
  readonly size: number
  /**
   * Items in the order of `indices`, or all of them in theirs. A few are fetched ahead of the one in use; nothing more
   * is once the iteration ends or the signal aborts. Every byte is checked against its digest.
   *
   * The iteration throws a `PayloadInvalidError` for an item that is not of the shape or is a batch itself, a
   * `PayloadTooLargeError` beyond the limits, the signal's reason, and what fetching throws. `items` itself throws a
   * `RangeError` for an index that the batch does not have.
   *
   * @example
   * for await (const { index, input, claimed } of batch.items([3, 1])) await check(index, input, claimed)
   */
  items(indices?: Iterable<number>, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<BatchItem>
}

/** How an inference is decoded: `store` is where chunks and items come from. */
export type DecodeInferenceOptions = DecodeOptions & {
  /** Most bytes of a batch's items together, counted as often as they are fetched. Default: 1 GiB. */
  readonly maxBatchBytes?: number | undefined
}

/**
 * Decodes an input and an output, of one inference or of a batch. Of a batch it decodes the links only; its items come
 * from the store as they are asked for, so that memory does not grow with their number.
 *
 * `bytes` are to come from {@link getVerified}, or to have been hashed otherwise. `options.maxBytes` is for the input,
 * the output, and the input and output of each item, each by itself. Throws a `PayloadInvalidError` if the bytes are
 * not an input and an output, only one is a batch, or their items are not equal in number; a `PayloadTooLargeError`; or
 * what fetching a large tensor's chunks throws.
 *
 * @example
 * const found = await decodeInference({ input, output }, { store })
 * if ('batch' in found) for await (const item of found.batch.items()) console.log(item.index)
 */
export async function decodeInference(
  bytes: { readonly input: Uint8Array; readonly output: Uint8Array },
  options: DecodeInferenceOptions = {},
): Promise<Inference | { readonly batch: Batch }> {
  const input = open(bytes.input, 'input', options)
  const output = open(bytes.output, 'output', options)
  const inputs = input.members.type === 'batch' ? fromLinks(input.members, 'input') : undefined
  const outputs = output.members.type === 'batch' ? fromLinks(output.members, 'output') : undefined
  assertPair({ input: inputs?.length, output: outputs?.length })
  if (inputs && outputs) return { batch: toBatch(inputs, outputs, options) }
  return { input: await toInput(input, 'input', options), claimed: await toOutput(output, 'output', options) }
}

function toBatch(inputs: readonly Digest[], outputs: readonly Digest[], options: DecodeInferenceOptions): Batch {
  const { maxBytes = defaultMaxBytes, maxBatchBytes = defaultMaxBatchBytes } = options
  const store = meter(options.store ?? noStore, maxBatchBytes)

  async function fetchItem(index: number, signal: AbortSignal): Promise<BatchItem> {
    // The caller asks for indices within the batch only.
    const [inputDigest, outputDigest] = [inputs[index] as Digest, outputs[index] as Digest]
    const limits = { store, signal, maxBytes }
    const [input, claimed] = await Promise.all([
      getVerified(store, inputDigest, limits).then((bytes) => decodeInputAs(`input ${index}`, bytes, limits)),
      getVerified(store, outputDigest, limits).then((bytes) => decodeOutputAs(`output ${index}`, bytes, limits)),
    ])
    return { index, input, claimed }
  }

  async function* stream(indices: readonly number[], outer: readonly AbortSignal[]): AsyncGenerator<BatchItem, void> {
    const end = new AbortController()
    const signal = AbortSignal.any([...outer, end.signal])
    const coming: Promise<BatchItem>[] = []
    let next = 0
    try {
      for (let done = 0; done < indices.length; done++) {
        for (; next < indices.length && next <= done + prefetch; next++) {
          const item = fetchItem(indices[next] as number, signal)
          // Its turn to throw comes when it is asked for.
          item.catch(() => {})
          coming.push(item)
        }
        yield await (coming.shift() as Promise<BatchItem>)
      }
    } finally {
      end.abort()
    }
  }

  return {
    size: inputs.length,
    items(indices = inputs.keys(), { signal } = {}) {
      const wanted = [...indices]
      for (const index of wanted)
        if (!Number.isInteger(index) || index < 0 || index >= inputs.length)
          throw new RangeError(`the batch has items 0 to ${inputs.length - 1}, not ${index}`)
      return stream(
        wanted,
        [options.signal, signal].filter((each) => each !== undefined),
      )
    },
  }
}

/** The source, but that it gives no more than so many bytes in all. */
function meter(source: PayloadSource, limit: number): PayloadSource {
  let total = 0
  return {
    async get(digest, options) {
      const bytes = await source.get(digest, options)
      total += bytes.length
      if (total > limit)
        throw new PayloadTooLargeError({
          limit,
          size: total,
          hint: 'Raise `maxBatchBytes` if batches of this size are expected.',
        })
      return bytes
    },
  }
}

const noStore: PayloadSource = {
  async get(digest) {
    throw new PayloadUnavailableError({ digest, sources: [], reason: 'no store was given to fetch it from' })
  },
}
