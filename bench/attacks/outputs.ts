import type { Tensor, TensorsOutput } from '@proof-of-inference/sdk/payload'
import { generator } from './random.ts'

type Floats = Extract<Tensor, { dtype: 'float32' }>
type Change = (data: Float32Array, random: () => number) => Float32Array

const changes = {
  /** 1 % of the spread on every element. */
  noise: (data, random) => {
    const spread = spreadOf(data)
    return data.map((value) => value + 0.01 * spread * 2 * (random() - 0.5))
  },
  /** One element moved by the spread. */
  'one element': (data, random) => {
    const changed = data.slice()
    const at = Math.floor(random() * data.length)
    changed[at] = (changed[at] ?? 0) + (spreadOf(data) || 1)
    return changed
  },
  /** The largest and the smallest element change places. */
  'swapped classes': (data) => {
    const changed = data.slice()
    const [high, low] = [data.indexOf(Math.max(...data)), data.indexOf(Math.min(...data))]
    ;[changed[high], changed[low]] = [data[low] ?? 0, data[high] ?? 0]
    return changed
  },
  /** Of the same mean and spread. */
  'random output': (data, random) => {
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length
    const spread = spreadOf(data) || 1
    return data.map(() => mean + spread * Math.sqrt(3) * 2 * (random() - 0.5))
  },
} as const satisfies { [attack: string]: Change }

/** Ways to change an output, by name. */
export const outputAttacks = Object.keys(changes) as (keyof typeof changes)[]

/** The output, changed: the tensor that is given, or all of its floats. */
export function changeOutput(output: TensorsOutput, attack: keyof typeof changes, seed: number): TensorsOutput {
  const random = generator(seed)
  const isFloat = (tensor: Tensor): tensor is Floats => tensor.dtype === 'float32'
  // The largest tensor: what it is about, where others are summaries of one number.
  const [name] = Object.entries(output.tensors).sort(([, a], [, b]) => b.data.length - a.data.length)[0] ?? []
  const tensor = name === undefined ? undefined : output.tensors[name]
  if (name === undefined || !tensor || !isFloat(tensor)) throw new Error('the output has no floats')
  const data = changes[attack](tensor.data, random)
  return { ...output, tensors: { ...output.tensors, [name]: { ...tensor, data } } }
}

function spreadOf(data: Float32Array): number {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length)
}
