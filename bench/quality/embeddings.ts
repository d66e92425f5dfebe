import {
  type Calibration,
  calibrate,
  measureTensors,
  type Sample,
  tensorFloors,
} from '@proof-of-inference/sdk/calibration'
import { runtimeClass, type Tensor } from '@proof-of-inference/sdk/payload'
import { byteTokenizer } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { onnxNode } from '@proof-of-inference/sdk/runner/onnx-node'
import { type CosineParameters, cosine, lexicalEmbedder } from '@proof-of-inference/verifier-cosine'
import { generator as randomNumbers } from '../attacks/random.ts'
import { createGenerator, createPrompts, inputOf, loadTiny, type Request } from '../languageModel.ts'

const tokens = 128
const inputs = 440
const measuring = { nearZero: 1e-6, saturation: {} }

/** 1 − cosine of a set's texts and the reference's: the 1st percentile, the median and the 99th. */
export type Distance = { readonly low: number; readonly median: number; readonly high: number }

/**
 * Calibrates verifier-cosine with its lexical embedder on texts of models/tiny-lm by the native build, as the wasm build
 * sees them, drawn with the requester's seed; and how far texts are that are not.
 */
export async function calibrateEmbeddings(progress: (message: string) => void): Promise<{
  readonly calibration: Calibration<CosineParameters>
  readonly distances: { readonly [set: string]: Distance }
}> {
  const { weights, manifest } = await loadTiny()
  const reference = await onnx().load({ manifest, weights })
  const native = await onnxNode().load({ manifest, weights })
  const pair = cosine.pair(runtimeClass(native.fingerprint), runtimeClass(reference.fingerprint))
  await native.dispose()
  const model = await createGenerator('model')
  const prompts = await createPrompts(inputs, model)
  const requests: Request[] = prompts.map((prompt, index) => ({ prompt, seed: 7_919 * (index + 1) }))
  const decode = (all: readonly (readonly number[])[]) => all.map((ids) => byteTokenizer.decode(ids))

  const own: string[] = []
  for (const request of requests) {
    const output = await reference.run(inputOf(request, tokens))
    if (output.type !== 'text') throw new Error('the model gives no text')
    own.push(output.text)
  }
  await reference.dispose()
  const honest = decode(await model(requests, tokens))
  const changed = (change: (text: string, random: () => number) => string) =>
    honest.map((text, index) => change(text, randomNumbers(index)))
  const sets: { readonly [set: string]: readonly string[] } = {
    honest,
    'another seed': decode(
      await model(
        requests.map(({ prompt, seed }) => ({ prompt, seed: seed + 1 })),
        tokens,
      ),
    ),
    sibling: decode(await (await createGenerator('sibling'))(requests, tokens)),
    stale: decode(await (await createGenerator('stale'))(requests, tokens)),
    int4: decode(await (await createGenerator('int4'))(requests, tokens)),
    int8: decode(await (await createGenerator('int8'))(requests, tokens)),
    'output of another request': honest.map((_, index) => honest[(index + 1) % honest.length] ?? ''),
    'random output': changed((_, random) => decode([Array.from({ length: tokens }, () => 256 * random())])[0] ?? ''),
    'cut in half': changed((text) => text.slice(0, text.length >> 1)),
    'one word replaced': changed((text, random) => {
      const words = text.split(' ')
      return words.with(Math.floor(random() * words.length), 'nothing').join(' ')
    }),
    '“not” put in': changed((text, random) => {
      const words = text.split(' ')
      return words.toSpliced(Math.floor(random() * words.length), 0, 'not').join(' ')
    }),
    'one letter changed': changed((text, random) => {
      const at = Math.floor(random() * text.length)
      return `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`
    }),
  }

  const embedder = lexicalEmbedder()
  const { signal } = new AbortController()
  const tensorsOf = async (text: string): Promise<{ embedding: Tensor }> => {
    const data = await embedder.embed(text, { signal })
    return { embedding: { dtype: 'float32', dims: [data.length], data } }
  }
  const samples: { [set: string]: Sample[] } = {}
  const distances: { [set: string]: Distance } = {}
  for (const [set, texts] of Object.entries(sets)) {
    const measured: Sample[] = []
    for (const [index, text] of texts.entries()) {
      const expected = own[index] ?? ''
      // What a change does not change is no attack.
      if (set !== 'honest' && text === expected) continue
      const found = measureTensors(await tensorsOf(text), await tensorsOf(expected), measuring)
      if (!('metrics' in found)) throw new Error(JSON.stringify(found))
      const { metrics, blind } = found
      measured.push({ unit: String(index), pair, metrics, ...(blind !== undefined && { isBlind: true }) })
    }
    samples[set] = measured
    const sorted = measured.map(({ metrics }) => metrics['embedding/cosine'] ?? Number.NaN).sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
    distances[set] = { low: at(0.01), median: at(0.5), high: at(0.99) }
    progress(`texts by their letters: ${set}, ${JSON.stringify(distances[set])}`)
  }
  const { honest: honestSamples = [], ...attacks } = samples
  const calibration = await calibrate({
    honest: honestSamples,
    attacks,
    floors: tensorFloors(['embedding']),
    share: 0.3,
    build: cosine.calibrated({ ...measuring, embedder: embedder.digest }),
  })
  return { calibration, distances }
}
