import { encode, type InferenceOutput, type Tensor } from '@proof-of-inference/sdk/payload'

/** What a panellist answered, and its share of the say. */
export type Answer = { readonly output: InferenceOutput; readonly weight: number }

type Tensors = { readonly [name: string]: Tensor }

/** What the panel says, if more than half of its weight says something of one kind. */
export type Consensus =
  | { readonly type: 'tensors'; readonly tensors: Tensors }
  | { readonly type: 'text' | 'json'; readonly bytes: Uint8Array }

/**
 * What the panel says: of tensors the weighted median of each element, of texts and structured values the one that more
 * than half of the weight gives. Panellists whose tensors are of other names, types or shapes than the majority's have no
 * say beyond their weight. `undefined` if there is no majority.
 */
export function findConsensus(answers: readonly Answer[]): Consensus | undefined {
  const total = answers.reduce((sum, { weight }) => sum + weight, 0)
  const groups = new Map<string, { weight: number; answers: Answer[] }>()
  for (const answer of answers) {
    const key = kindOf(answer.output)
    const group = groups.get(key) ?? { weight: 0, answers: [] }
    group.weight += answer.weight
    group.answers.push(answer)
    groups.set(key, group)
  }
  const majority = [...groups.values()].find(({ weight }) => weight > total / 2)
  const [first] = majority?.answers ?? []
  if (!majority || !first) return undefined
  const { output } = first
  if (output.type !== 'tensors') return { type: output.type, bytes: bytesOf(output) }
  const tensors: { [name: string]: Tensor } = {}
  for (const [name, tensor] of Object.entries(output.tensors)) {
    const all = majority.answers.flatMap(({ output, weight }) => {
      const own = output.type === 'tensors' ? output.tensors[name] : undefined
      return own ? [{ data: own.data, weight }] : []
    })
    tensors[name] = { ...tensor, data: medianOf(tensor, all, total) } as Tensor
  }
  return { type: 'tensors', tensors }
}

/** Canonical bytes of a text with its tokens, or of a structured value. */
export function bytesOf(output: Exclude<InferenceOutput, { type: 'tensors' }>): Uint8Array {
  return encode(output.type === 'text' ? [output.text, output.tokenIds ?? null] : output.value)
}

function kindOf(output: InferenceOutput): string {
  if (output.type !== 'tensors') return `${output.type} ${bytesOf(output).join()}`
  const shapes = Object.entries(output.tensors).map(([name, { dtype, dims }]) => [name, dtype, dims])
  return JSON.stringify(shapes.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
}

/**
 * The weighted median of each element: the least value that, with those below it, has half of the total weight. NaN is
 * above all numbers, and so is what those say who have no say.
 */
function medianOf(
  { data }: Tensor,
  all: readonly { data: Tensor['data']; weight: number }[],
  total: number,
): Tensor['data'] {
  const [a, b, c] = all
  if (data instanceof Float32Array && a && b && c && all.length === 3 && isFair(all, total))
    return medianOfThree(a.data as Float32Array, b.data as Float32Array, c.data as Float32Array)
  const median = data.slice()
  const order = all.map((_, index) => index)
  for (let index = 0; index < data.length; index++) {
    order.sort((a, b) => compare(all[a]?.data[index], all[b]?.data[index]))
    let below = 0
    for (const at of order) {
      const { data: own, weight } = all[at] as { data: Tensor['data']; weight: number }
      below += weight
      median[index] = own[index] as number & bigint
      if (below >= total / 2) break
    }
  }
  return median
}

/** Whether any two of the three have half of the weight, and none has. */
function isFair(all: readonly { weight: number }[], total: number): boolean {
  return all.every(({ weight }) => weight < total / 2 && total - weight >= total / 2)
}

function medianOfThree(a: Float32Array, b: Float32Array, c: Float32Array): Float32Array {
  const median = new Float32Array(a.length)
  for (let index = 0; index < a.length; index++) {
    const x = a[index] as number
    const y = b[index] as number
    const z = c[index] as number
    const sum = x + y + z
    // NaN, or infinities of both signs.
    if (Number.isNaN(sum)) median[index] = [x, y, z].sort(compare)[1] as number
    else if (x < y) median[index] = y < z ? y : x < z ? z : x
    else median[index] = x < z ? x : y < z ? z : y
  }
  return median
}

function compare(a: number | bigint | undefined, b: number | bigint | undefined): number {
  if (a === b || a === undefined || b === undefined) return 0
  if (typeof a === 'number' && Number.isNaN(a)) return typeof b === 'number' && Number.isNaN(b) ? 0 : 1
  if (typeof b === 'number' && Number.isNaN(b)) return -1
  return a < b ? -1 : 1
}
