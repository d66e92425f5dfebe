import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { create, toBinary } from '@bufbuild/protobuf'
import {
  digest,
  type InferenceOutput,
  type ModelManifest,
  type RuntimeFingerprint,
  type TensorsInput,
} from '@proof-of-inference/sdk/payload'
import { type Runner, RunnerFailedError } from '@proof-of-inference/sdk/runner'
import { AttributeProto_AttributeType, ModelProtoSchema, TensorProto_DataType, type ValueInfoProto } from 'onnx-buf'

// lande, which tells the language of a text, in ONNX: its weights are in JavaScript, run by an engine in JavaScript, which
// is an independent reference.

type Network = {
  readonly layers: readonly {
    readonly filters?: readonly { readonly w: Float32Array }[]
    readonly biases?: { readonly w: Float32Array }
  }[]
  forward(input: { readonly w: Float32Array }, isTraining: boolean): { readonly w: Float32Array }
}

const require = createRequire(import.meta.url)
const directory = path.dirname(require.resolve('lande'))
const load = async (file: string) => import(pathToFileURL(file).href)
const { default: langs }: { default: string[] } = await load(path.join(directory, 't50-langs.js'))
const { default: ngrams } = await load(path.join(directory, 't50-ngrams.js'))
const { default: options } = await load(path.join(directory, 't50-options.js'))
const {
  infer,
}: {
  infer(text: string, langs: string[], ngrams: unknown, network: Pick<Network, 'forward'>): [string, number][]
} = await load(path.join(directory, 'utils.js'))
const { NeuralNetwork }: { NeuralNetwork: new (options: unknown) => Network } = await load(
  createRequire(path.join(directory, 't50.js')).resolve('toygrad'),
)

/** Frequencies of n-grams in the text, as the model takes them; and with what certainty its own engine says what. */
export function encodeText(text: string): TensorsInput {
  let x = new Float32Array()
  infer(text, langs, ngrams, {
    forward({ w }) {
      x = Float32Array.from(w)
      return { w: new Float32Array(langs.length) }
    },
  })
  return { type: 'tensors', tensors: { x: { dtype: 'float32', dims: [1, x.length], data: x } } }
}

const name = (value: string, sizes: readonly number[]) =>
  ({
    name: value,
    type: {
      value: {
        case: 'tensorType' as const,
        value: {
          elemType: TensorProto_DataType.FLOAT,
          shape: { dim: sizes.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } })) },
        },
      },
    },
  }) satisfies Partial<Record<keyof ValueInfoProto, unknown>>

/** The model as ONNX: x[1,620] → logits[1,50], probabilities[1,50]. */
export async function createLande(): Promise<{ weights: Uint8Array; manifest: ModelManifest }> {
  const dense = new NeuralNetwork(options).layers.filter((layer) => layer.filters !== undefined)
  const initializer = dense.flatMap(({ filters = [], biases }, index) => {
    const rows = filters.map(({ w }) => w)
    const width = rows[0]?.length ?? 0
    const matrix = new Float32Array(rows.length * width)
    for (const [row, values] of rows.entries()) matrix.set(values, row * width)
    const tensor = (name: string, dims: number[], data: Float32Array) => ({
      name,
      dims: dims.map(BigInt),
      dataType: TensorProto_DataType.FLOAT,
      rawData: new Uint8Array(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
    })
    return [
      tensor(`w${index}`, [rows.length, width], matrix),
      tensor(`b${index}`, [rows.length], Float32Array.from(biases?.w ?? [])),
    ]
  })
  const transposed = { name: 'transB', type: AttributeProto_AttributeType.INT, i: 1n }
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 13n }],
    graph: {
      name: 'lande',
      input: [name('x', [1, 620])],
      output: [name('logits', [1, 50]), name('probabilities', [1, 50])],
      initializer,
      node: [
        { opType: 'Gemm', input: ['x', 'w0', 'b0'], output: ['h'], attribute: [transposed] },
        { opType: 'Relu', input: ['h'], output: ['r'] },
        { opType: 'Gemm', input: ['r', 'w1', 'b1'], output: ['logits'], attribute: [transposed] },
        { opType: 'Softmax', input: ['logits'], output: ['probabilities'] },
      ],
    },
  })
  const weights = toBinary(ModelProtoSchema, model)
  return {
    weights,
    manifest: {
      v: 1,
      name: 'lande',
      weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
      runtimes: [],
    },
  }
}

/** The model on its own engine. */
export function landeInJavaScript({ manifest }: { manifest: ModelManifest }): Runner {
  const network = new NeuralNetwork(options)
  const fingerprint: RuntimeFingerprint = {
    ...{ engine: 'toygrad', version: '2.6.0', provider: 'javascript', threads: 1, optimization: 'none' },
    weightsDigest: manifest.weights.digest,
  }
  return {
    fingerprint,
    deterministic: true,
    async run(input, { signal } = {}): Promise<InferenceOutput> {
      signal?.throwIfAborted()
      const x = input.type === 'tensors' ? input.tensors.x : undefined
      if (x?.dtype !== 'float32') throw new RunnerFailedError({ runner: 'lande', reason: 'x is not float32' })
      const probabilities = Float32Array.from(network.forward({ w: x.data }, false).w)
      const logits = Float32Array.from(logitsOf(network))
      const tensor = (data: Float32Array) => ({ dtype: 'float32', dims: [1, data.length], data }) as const
      return {
        type: 'tensors',
        tensors: { logits: tensor(logits), probabilities: tensor(probabilities) },
        runtime: fingerprint,
      }
    },
    dispose: async () => {},
  }
}

/** What the last dense layer gave in the last run. */
function logitsOf(network: Network): Float32Array {
  const dense = network.layers.filter((layer) => layer.filters !== undefined).at(-1) as unknown as {
    ot?: { w: Float32Array }
  }
  if (!dense?.ot) throw new RunnerFailedError({ runner: 'lande', reason: 'the engine keeps no logits' })
  return dense.ot.w
}
