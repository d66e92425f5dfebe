import type { Tensor, TensorsInput } from '@proof-of-inference/sdk/payload'

/** Ways to answer another input than the one that was asked, by name. */
export const inputAttacks = ['one field changed', 'input truncated'] as const

/** The input, changed where the model reads the most: an agent that answers it has saved work, or erred. */
export function changeInput(input: TensorsInput, attack: (typeof inputAttacks)[number], name: string): TensorsInput {
  const tensor = input.tensors[name]
  if (tensor?.dtype !== 'float32') throw new Error(`the input has no floats ${name}`)
  const data = tensor.data.slice()
  if (attack === 'one field changed') {
    const largest = data.reduce((best, value, index) => (Math.abs(value) > Math.abs(data[best] ?? 0) ? index : best), 0)
    data[largest] = 0
  } else {
    data.fill(0, data.length >> 1)
  }
  const changed: Tensor = { ...tensor, data }
  return { ...input, tensors: { ...input.tensors, [name]: changed } }
}
