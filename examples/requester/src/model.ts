import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { digest, type InferenceInput, type InferenceOutput, type ModelManifest } from '@proof-of-inference/sdk/payload'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'

/** Silero VAD v5, which tells speech from silence: its weights, and the manifest that names them. */
export async function loadModel(): Promise<{ weights: Uint8Array; manifest: ModelManifest }> {
  const directory = path.dirname(createRequire(import.meta.url).resolve('@ricky0123/vad-web'))
  const weights = new Uint8Array(await readFile(path.join(directory, 'silero_vad_v5.onnx')))
  const named = { digest: await digest(weights), format: 'onnx', size: weights.length }
  return { weights, manifest: { v: 1, name: 'silero-vad', weights: named, runtimes: [] } }
}

/** 36 ms of a tone at 16 kHz, and the model's initial state. */
export function createInput(): InferenceInput {
  const data = Float32Array.from({ length: 576 }, (_, index) => 0.3 * Math.sin((2 * Math.PI * 140 * index) / 16_000))
  return {
    type: 'tensors',
    tensors: {
      input: { dtype: 'float32', dims: [1, 576], data },
      state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
      sr: { dtype: 'int64', dims: [], data: BigInt64Array.of(16_000n) },
    },
  }
}

/** Runs the model once. */
export async function infer(input: InferenceInput): Promise<InferenceOutput> {
  const runner = await onnx().load(await loadModel())
  try {
    return await runner.run(input)
  } finally {
    await runner.dispose()
  }
}

/** The output with one bit changed: the probability of speech is another one. */
export function tamper(output: InferenceOutput): InferenceOutput {
  const tensor = output.type === 'tensors' ? output.tensors.output : undefined
  if (output.type !== 'tensors' || tensor?.dtype !== 'float32') throw new TypeError('The model answers with a float32.')
  const data = tensor.data.slice()
  const bits = new Uint32Array(data.buffer)
  bits[0] = (bits[0] ?? 0) ^ 1
  return { ...output, tensors: { ...output.tensors, output: { ...tensor, data } } }
}
