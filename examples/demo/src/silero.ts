import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { InferenceInput, InferenceOutput, ModelManifest } from '@proof-of-inference/sdk/payload'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import type { Hex } from 'viem'

const directory = path.dirname(createRequire(import.meta.url).resolve('@ricky0123/vad-web'))

/** A version of Silero VAD, a voice activity detector: its weights and the manifest that names them. */
export async function loadSilero(version: 'v5' | 'v6'): Promise<{ weights: Uint8Array; manifest: ModelManifest }> {
  const weights = new Uint8Array(await readFile(path.join(directory, `silero_vad_${version}.onnx`)))
  const digest: Hex = `0x${createHash('sha256').update(weights).digest('hex')}`
  return {
    weights,
    manifest: {
      v: 1,
      name: `silero-vad-${version}`,
      weights: { digest, format: 'onnx', size: weights.length },
      runtimes: [],
    },
  }
}

/** 36 ms of a voice-like tone at 16 kHz, and the model's initial state. */
export function speech(pitch: number): InferenceInput {
  const samples = Float32Array.from({ length: 576 }, (_, index) => {
    const time = index / 16_000
    return 0.3 * Math.sin(2 * Math.PI * pitch * time) + 0.1 * Math.sin(2 * Math.PI * 3.1 * pitch * time)
  })
  return {
    type: 'tensors',
    tensors: {
      input: { dtype: 'float32', dims: [1, 576], data: samples },
      state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
      sr: { dtype: 'int64', dims: [], data: BigInt64Array.of(16_000n) },
    },
  }
}

/** What the agent does for its living: one inference. */
export async function infer(version: 'v5' | 'v6', input: InferenceInput): Promise<InferenceOutput> {
  const runner = await onnx().load(await loadSilero(version))
  try {
    return await runner.run(input)
  } finally {
    await runner.dispose()
  }
}

/** The output with one element of one tensor changed by the least that float32 can tell. */
export function tamper(output: InferenceOutput): InferenceOutput {
  if (output.type !== 'tensors') throw new TypeError('Silero answers with tensors.')
  const state = output.tensors.stateN
  if (state?.dtype !== 'float32') throw new TypeError('Silero answers with a float32 stateN.')
  const data = state.data.slice()
  const bits = new Uint32Array(data.buffer)
  bits[17] = (bits[17] ?? 0) ^ 1
  return { ...output, tensors: { ...output.tensors, stateN: { ...state, data } } }
}

/** Claims that another model's output is that of the manifest's. */
export function claimAs(output: InferenceOutput, manifest: ModelManifest): InferenceOutput {
  return { ...output, runtime: { ...output.runtime, weightsDigest: manifest.weights.digest } }
}
