import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { type GraphProto, ModelProtoSchema, type TensorProto } from 'onnx-buf'
import { generator } from './random.ts'

/** How a cheaper model rounds its weights. */
export type Rounding = 'fp16' | 'int8' | 'int4'

/** ONNX's `TensorProto.DataType.FLOAT`. */
const float = 1
/** Smaller tensors (biases, constants of the graph) are left as they are, as quantisers leave them. */
const leastElements = 256
/** Weights that share a scale in 4 bits, as in common formats. */
const block = 32

/** An ONNX model whose weights are rounded, and stored as float32 again: what running the cheaper one gives. */
export function roundWeights(model: Uint8Array, rounding: Rounding): Uint8Array {
  return changeWeights(model, (weights) => {
    if (rounding === 'fp16') return weights.map(toHalf)
    if (rounding === 'int8') return quantize(weights, 127)
    return concat(chunks(weights, block).map((part) => quantize(part, 7)))
  })
}

/** A model of the same shape with other weights: each moved by a share of its tensor's spread, normally distributed. */
export function moveWeights(model: Uint8Array, share: number, seed: number): Uint8Array {
  const random = generator(seed)
  return changeWeights(model, (weights) => {
    const spread = Math.sqrt(weights.reduce((sum, weight) => sum + weight ** 2, 0) / weights.length)
    return weights.map((weight) => {
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
      return weight + share * spread * normal
    })
  })
}

function changeWeights(bytes: Uint8Array, change: (weights: Float32Array) => Float32Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes)
  if (!model.graph) throw new Error('the model has no graph')
  let changed = 0
  const visit = (tensor: TensorProto) => {
    const weights = tensor.dataType === float ? floatsOf(tensor) : undefined
    if (!weights || weights.length < leastElements) return
    const rounded = change(weights)
    tensor.floatData = []
    tensor.rawData = new Uint8Array(new Uint8Array(rounded.buffer, rounded.byteOffset, rounded.byteLength))
    changed++
  }
  visitGraph(model.graph, visit)
  if (changed === 0) throw new Error('the model has no weights to change')
  return toBinary(ModelProtoSchema, model)
}

function visitGraph(graph: GraphProto, visit: (tensor: TensorProto) => void): void {
  for (const tensor of graph.initializer) visit(tensor)
  for (const node of graph.node) {
    for (const { t, g, graphs } of node.attribute) {
      if (t) visit(t)
      for (const inner of g ? [g, ...graphs] : graphs) visitGraph(inner, visit)
    }
  }
}

function floatsOf({ rawData, floatData }: TensorProto): Float32Array {
  // A copy: the bytes need not be aligned.
  return rawData.length > 0 ? new Float32Array(new Uint8Array(rawData).buffer) : Float32Array.from(floatData)
}

/** Symmetric, one scale for all: the largest weight is the largest level. */
function quantize(weights: Float32Array, levels: number): Float32Array {
  const scale = weights.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0) / levels
  return scale === 0 ? weights : weights.map((weight) => Math.round(weight / scale) * scale)
}

/** The nearest number of IEEE 754's binary16; too large ones become its largest. */
function toHalf(value: number): number {
  const largest = 65_504
  if (Math.abs(value) >= largest) return Math.sign(value) * largest
  // 11 bits of significand, and no exponent below −14.
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 2 ** -24)))
  const unit = 2 ** (exponent - 10)
  const units = value / unit
  const floor = Math.floor(units)
  const rest = units - floor
  // To even.
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor
  return rounded * unit
}

function chunks(values: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.subarray(index * size, (index + 1) * size),
  )
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}
