import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import * as v from 'valibot'
import { RunnerFailedError } from '../errors/verification.ts'
import { decodeCanonical, encode } from '../payload/codec.ts'
import { digest } from '../payload/digest.ts'
import type { ModelManifest } from '../payload/types.ts'

/** What a model in a folder does, and which of its files it is. */
export type TransformersModel = {
  /** What the model does. */
  readonly task: 'feature-extraction' | 'text-classification' | 'text-generation'
  /** Which of the folder's ONNX files, by its suffix: `fp32` is `onnx/model.onnx`, `q8` is `onnx/model_quantized.onnx`. */
  readonly dtype: 'fp32' | 'fp16' | 'int8' | 'uint8' | 'q8' | 'q4' | 'q4f16' | 'bnb4'
}

const document = v.object({
  v: v.literal(1),
  task: v.picklist(['feature-extraction', 'text-classification', 'text-generation']),
  dtype: v.picklist(['fp32', 'fp16', 'int8', 'uint8', 'q8', 'q4', 'q4f16', 'bnb4']),
})

/**
 * The weights of a model in a folder, of format `transformers`: canonical DAG-CBOR of what it does and of the size and
 * sha2-256 of each of its files by path, `{ v: 1, task, dtype, files: { 'config.json': { digest, size }, … } }`. So their
 * digest stands for every byte in the folder. Files and folders whose names begin with a dot do not count.
 *
 * Throws a `RunnerFailedError` if the folder cannot be read, or has no `config.json`.
 *
 * @param folder As Hugging Face lays it out: `config.json`, `tokenizer.json`, `tokenizer_config.json`, `onnx/model.onnx`.
 *
 * @example
 * const { bytes, weights } = await transformersWeights('./models/minilm', { task: 'feature-extraction' })
 * await payloads.put(bytes)
 * const manifest = { v: 1, name: 'minilm', weights, runtimes: [] }
 */
export async function transformersWeights(
  folder: string,
  { task, dtype = 'fp32' }: Pick<TransformersModel, 'task'> & Partial<TransformersModel>,
): Promise<{ readonly bytes: Uint8Array; readonly weights: ModelManifest['weights'] }> {
  try {
    const files: { [path: string]: { digest: string; size: number } } = {}
    for (const each of await readdir(folder, { recursive: true })) {
      const file = path.join(folder, each)
      const parts = each.split(path.sep)
      // Links are followed: caches of models hold their files elsewhere.
      if (parts.some((part) => part.startsWith('.')) || !(await stat(file)).isFile()) continue
      files[parts.join('/')] = await hashFile(file)
    }
    if (!files['config.json']) throw new Error('there is no config.json')
    const bytes = encode({ v: 1, task, dtype, files })
    return { bytes, weights: { digest: await digest(bytes), format: 'transformers', size: bytes.length } }
  } catch (cause) {
    throw failure(`the folder ${folder} holds no model that can be read`, cause)
  }
}

async function hashFile(file: string): Promise<{ digest: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      hash.update(chunk)
      size += chunk.length
    }
  })
  return { digest: `0x${hash.digest('hex')}`, size }
}

/** What the weights say the model does. Throws a `RunnerFailedError` if they are not of the format. */
export function parseTransformersWeights(bytes: Uint8Array): TransformersModel {
  try {
    const { task, dtype } = v.parse(document, decodeCanonical(bytes))
    return { task, dtype }
  } catch (cause) {
    throw failure('the weights are not of format transformers, version 1', cause)
  }
}

function failure(reason: string, cause: unknown): RunnerFailedError {
  return new RunnerFailedError({ runner: 'transformers', reason, cause })
}
