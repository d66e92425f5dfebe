import type { InferenceOutput, Tensor, TensorsOutput } from '@proof-of-inference/sdk/payload'

/** Outputs that an agent could send in place of the right one, by what is wrong with them. */
export type Malformed = { readonly [flaw: string]: InferenceOutput }

/** Elements of a huge output. */
const many = 2 ** 20

const scalar: Tensor = { dtype: 'float32', dims: [], data: new Float32Array([1]) }

/** Other types of output, empty ones and huge ones. */
export function unusual({ runtime, ...output }: InferenceOutput): Malformed {
  const huge: Tensor = { dtype: 'float32', dims: [many], data: new Float32Array(many).fill(0.5) }
  const all = {
    'tensors: empty': { type: 'tensors', tensors: { x: { dtype: 'float32', dims: [0], data: new Float32Array() } } },
    'tensors: huge': { type: 'tensors', tensors: { x: huge } },
    'text: empty': { type: 'text', text: '' },
    'text: no tokens': { type: 'text', text: '', tokenIds: [] },
    'text: huge': { type: 'text', text: 'x'.repeat(many) },
    'text: huge, with tokens': { type: 'text', text: 'x', tokenIds: Array(2 ** 16).fill(2 ** 53 - 1) },
    'json: null': { type: 'json', value: null },
    'json: empty list': { type: 'json', value: [] },
    'json: empty map': { type: 'json', value: {} },
    'json: huge': { type: 'json', value: Array(2 ** 16).fill(7) },
  } as const
  const rest = Object.entries(all).map(([flaw, changed]) => [flaw, { ...changed, runtime }] as const)
  if (output.type !== 'tensors') return Object.fromEntries(rest)
  const replaced = (make: (tensor: Tensor) => Tensor): InferenceOutput => ({
    ...{ type: 'tensors', runtime },
    tensors: mapTensors(output.tensors, make),
  })
  return Object.fromEntries([
    ...rest,
    ['every tensor empty', replaced((tensor) => resized(tensor, 0))],
    ['every tensor huge', replaced((tensor) => resized(tensor, many))],
  ])
}

/** Tensors of other names, shapes and element types than the right ones. */
export function misshapen(output: TensorsOutput): Malformed {
  const [first = ''] = Object.keys(output.tensors)
  const { [first]: tensor = scalar, ...others } = output.tensors
  const flaws: { [flaw: string]: TensorsOutput['tensors'] } = {
    'one more axis': { ...others, [first]: { ...tensor, dims: [1, ...tensor.dims] } },
    'one element more': { ...others, [first]: resized(tensor, tensor.data.length + 1) },
    'one tensor more': { ...output.tensors, surplus: scalar },
    'another name': { ...others, [`${first}_`]: tensor },
    'another element type': { ...others, [first]: retyped(tensor) },
  }
  if (tensor.data.length > 1)
    flaws['one element less'] = { ...others, [first]: resized(tensor, tensor.data.length - 1) }
  if (Object.keys(others).length > 0) flaws['a tensor missing'] = others
  return mapValues(flaws, (tensors) => ({ ...output, tensors }))
}

/** Floats that are no numbers, or infinite: one of them, and all. */
export function nonFinite(output: TensorsOutput): Malformed {
  const flaws: { [flaw: string]: InferenceOutput } = {}
  for (const [name, tensor] of Object.entries(output.tensors)) {
    if (tensor.dtype !== 'float32' && tensor.dtype !== 'float64') continue
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const count of new Set([1, tensor.data.length])) {
        const data = tensor.data.slice().fill(value, tensor.data.length - count)
        const changed = { ...tensor, data } as Tensor
        flaws[`${count} × ${value} in ${name}`] = { ...output, tensors: { ...output.tensors, [name]: changed } }
      }
    }
  }
  return flaws
}

/** The tensor as one axis of so many elements: its own first, then zeros. */
function resized({ dtype, data }: Tensor, length: number): Tensor {
  const array = data.constructor as new (length: number) => Float32Array
  const resized = new array(length)
  resized.set(data.subarray(0, length) as Float32Array)
  // The type of the array follows from `dtype`, which TypeScript cannot see.
  return { dtype, dims: [length], data: resized } as unknown as Tensor
}

/** The same numbers as another element type. */
function retyped({ dtype, dims, data }: Tensor): Tensor {
  const numbers = Array.from<number | bigint, number>(data, Number)
  return dtype === 'float64'
    ? { dtype: 'float32', dims, data: new Float32Array(numbers) }
    : { dtype: 'float64', dims, data: new Float64Array(numbers) }
}

function mapTensors(tensors: TensorsOutput['tensors'], make: (tensor: Tensor) => Tensor): TensorsOutput['tensors'] {
  return mapValues(tensors, make)
}

function mapValues<from, to>(
  record: { readonly [key: string]: from },
  map: (value: from) => to,
): { [key: string]: to } {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}
