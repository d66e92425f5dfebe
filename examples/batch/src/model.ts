import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { digest, type InferenceInput, type InferenceOutput, type ModelManifest } from '@proof-of-inference/sdk/payload'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'

/** Silero VAD, which tells speech from silence: the weights of a version, and the manifest that names them. */
export async function loadModel(version: 'v5' | 'v6'): Promise<{ weights: Uint8Array; manifest: ModelManifest }> {
  const directory = path.dirname(createRequire(import.meta.url).resolve('@ricky0123/vad-web'))
  const weights = new Uint8Array(await readFile(path.join(directory, `silero_vad_${version}.onnx`)))
  const named = { digest: await digest(weights), format: 'onnx', size: weights.length }
  return { weights, manifest: { v: 1, name: `silero-vad-${version}`, weights: named, runtimes: [] } }
}

/** As many inputs: 36 ms of a tone at 16 kHz each, and the model's initial state. */
export function createInputs(size: number): InferenceInput[] {
  return Array.from({ length: size }, (_, number) => {
    const pitch = 80 + 5 * number
    const data = Float32Array.from(
      { length: 576 },
      (_, index) => 0.3 * Math.sin((2 * Math.PI * pitch * index) / 16_000),
    )
    return {
      type: 'tensors',
      tensors: {
        input: { dtype: 'float32', dims: [1, 576], data },
        state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
        sr: { dtype: 'int64', dims: [], data: BigInt64Array.of(16_000n) },
      },
    }
  })
}

/** Runs a version of the model on each of the inputs. */
export async function infer(version: 'v5' | 'v6', inputs: readonly InferenceInput[]): Promise<InferenceOutput[]> {
  const runner = await onnx().load(await loadModel(version))
  try {
    const outputs: InferenceOutput[] = []
    for (const input of inputs) outputs.push(await runner.run(input))
    return outputs
  } finally {
    await runner.dispose()
  }
}
