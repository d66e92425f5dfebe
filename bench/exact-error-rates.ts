// Error rates of verifier-exact on a real model: honest and tampered outputs of one process, judged by another.
// Run: node --import tsx bench/exact-error-rates.ts [inputs]   (default 10,000; six minutes on two busy cores)

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import {
  decodeOutput,
  digest,
  encodeOutput,
  type InferenceInput,
  type InferenceOutput,
  type ModelManifest,
  type Tensor,
  type TensorsOutput,
} from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { createRandom, runVerifier } from '@proof-of-inference/sdk/verifier'
import { exact } from '@proof-of-inference/verifier-exact'

const require = createRequire(import.meta.url)
const id = `0x${'01'.repeat(32)}` as const
const batch = 50

/** A small generator (mulberry32): every process makes the same inputs. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A frame of voiced sound in noise, with a state as a stream would have it. */
function inputOf(index: number): InferenceInput {
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

async function load(version: 'v5' | 'v6'): Promise<{ runner: Runner; manifest: ModelManifest }> {
  const file = require.resolve(`@ricky0123/vad-web/dist/silero_vad_${version}.onnx`)
  const weights = new Uint8Array(await readFile(file))
  const manifest: ModelManifest = {
    v: 1,
    name: `silero-vad ${version}`,
    weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
    runtimes: [],
  }
  return { manifest, runner: await onnx().load({ manifest, weights }) }
}

type Change = (tensor: Tensor, random: () => number) => void
const floats = (tensor: Tensor) => tensor.data as Float32Array
const anywhere = (tensor: Tensor, random: () => number) => Math.floor(random() * tensor.data.length)
const changes: Record<string, Change> = {
  'one element, one bit': (tensor, random) => {
    const words = new Uint32Array(tensor.data.buffer)
    const at = anywhere(tensor, random)
    words[at] = (words[at] ?? 0) ^ (1 << Math.floor(random() * 32))
  },
  'one element, last place': (tensor, random) => {
    const words = new Uint32Array(tensor.data.buffer)
    const at = anywhere(tensor, random)
    words[at] = (words[at] ?? 0) ^ 1
  },
  'noise of 1e-6': (tensor, random) => {
    for (const [at, value] of floats(tensor).entries()) floats(tensor)[at] = value + 1e-6 * (random() - 0.5)
  },
  'rounded to 10 bits (fp16)': (tensor) => {
    const words = new Uint32Array(tensor.data.buffer)
    for (const [at, word] of words.entries()) words[at] = (word + 0x1000) & 0xffffe000
  },
  'two elements swapped': (tensor, random) => {
    const data = floats(tensor)
    const a = anywhere(tensor, random)
    const b = (a + 1 + Math.floor(random() * (data.length - 1))) % data.length
    ;[data[a], data[b]] = [data[b] ?? 0, data[a] ?? 0]
  },
  'random output': (tensor, random) => {
    for (const at of floats(tensor).keys()) floats(tensor)[at] = random() - 0.5
  },
  NaN: (tensor, random) => {
    floats(tensor)[anywhere(tensor, random)] = Number.NaN
  },
}
const kinds = [
  ...Object.keys(changes),
  'v6 claimed as v5',
  'replayed output of another input',
  'one input sample changed',
]

/** An agent: answers a number with the honest output for that input, and a tampered one. */
async function serve(): Promise<void> {
  const { runner, manifest } = await load('v5')
  const other = await load('v6')
  process.on('message', async (start: number) => {
    const answers: { honest: Uint8Array; tampered: Uint8Array; kind: string }[] = []
    for (let index = start; index < start + batch; index++) {
      const honest = await runner.run(inputOf(index))
      const kind = kinds[index % kinds.length] ?? ''
      const tampered = await tamper(kind, index, honest)
      const encoded = [(await encodeOutput(honest)).bytes, (await encodeOutput(tampered)).bytes] as const
      if (Buffer.compare(...encoded) === 0) throw new Error(`${kind} changed nothing at ${index}`)
      answers.push({ honest: encoded[0], tampered: encoded[1], kind })
    }
    process.send?.(answers)
  })

  async function tamper(kind: string, index: number, honest: InferenceOutput): Promise<InferenceOutput> {
    if (kind === 'replayed output of another input') return runner.run(inputOf(index + 1))
    if (kind === 'v6 claimed as v5') {
      const output = await other.runner.run(inputOf(index))
      return { ...output, runtime: { ...output.runtime, weightsDigest: manifest.weights.digest } }
    }
    if (kind === 'one input sample changed') {
      const input = inputOf(index)
      if (input.type !== 'tensors') throw new Error('not tensors')
      const samples = input.tensors.input?.data as Float32Array
      samples[300] = (samples[300] ?? 0) + 0.01
      return runner.run(input)
    }
    const random = generator(~index)
    const copy = structuredClone(honest) as TensorsOutput
    // The state; the probability is one number, and only some changes make sense for it.
    const stateN = copy.tensors.stateN
    if (!stateN) throw new Error('no stateN')
    changes[kind]?.(stateN, random)
    return copy
  }
}

async function judge(total: number): Promise<void> {
  const agent = fork(new URL(import.meta.url), ['--agent'], { serialization: 'advanced' })
  const { runner, manifest } = await load('v5')
  const verifier = exact()
  const counts: Record<string, Record<string, number>> = {}
  const started = performance.now()

  async function count(row: string, index: number, bytes: Uint8Array): Promise<void> {
    const claimed = await decodeOutput(new Uint8Array(bytes))
    const job = { requestId: id, jobId: id, input: inputOf(index), claimed, manifest, policy: exact.policy() }
    const random = (name: string) => createRandom(id, name)
    const signal = new AbortController().signal
    const { verdict } = await runVerifier(verifier, job, {
      operator: `0x${'01'.repeat(20)}`,
      runner: async () => runner,
      shared: random,
      secret: random,
      signal,
    })
    counts[row] ??= { n: 0, valid: 0, invalid: 0, inconclusive: 0 }
    for (const column of ['n', verdict.status]) counts[row][column] = (counts[row][column] ?? 0) + 1
  }

  const ended = once(agent, 'exit').then(() => Promise.reject(new Error('the agent ended')))
  // It also ends when all is done.
  ended.catch(() => undefined)
  const ask = async (start: number) => {
    agent.send(start)
    const [answers] = await Promise.race([once(agent, 'message'), ended])
    return answers as { honest: Uint8Array; tampered: Uint8Array; kind: string }[]
  }
  let next = ask(1)
  for (let start = 1; start <= total; start += batch) {
    const answers = await next
    if (start + batch <= total) next = ask(start + batch)
    for (const [offset, { honest, tampered, kind }] of answers.entries()) {
      await count('honest', start + offset, honest)
      await count(`tampered: ${kind}`, start + offset, tampered)
    }
  }
  agent.disconnect()
  await runner.dispose()

  const rows = Object.entries(counts)
  const tampered = rows.filter(([row]) => row !== 'honest').map(([, row]) => row)
  const sum = (column: string) => tampered.reduce((total, row) => total + (row[column] ?? 0), 0)
  const all = Object.fromEntries(['n', 'valid', 'invalid', 'inconclusive'].map((column) => [column, sum(column)]))
  console.table({ ...counts, 'tampered: all': all })
  // Clopper–Pearson, one-sided, for no errors among n: 1 − 0.05^(1/n).
  const bound = (n = 0) => (1 - 0.05 ** (1 / n)).toExponential(2)
  const honestErrors = (counts.honest?.n ?? 0) - (counts.honest?.valid ?? 0)
  const caught = all.n === all.invalid
  if (honestErrors === 0)
    console.log(`honest not valid: 0 of ${counts.honest?.n}, 95 % bound ${bound(counts.honest?.n)}`)
  if (caught) console.log(`tampered not invalid: 0 of ${all.n}, 95 % bound ${bound(all.n)}`)
  console.log(
    `${runner.fingerprint.engine} ${runner.fingerprint.version}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  )
  if (honestErrors > 0 || !caught) process.exitCode = 1
}

if (process.argv[2] === '--agent') await serve()
else await judge(Number(process.argv[2] ?? 10_000))
