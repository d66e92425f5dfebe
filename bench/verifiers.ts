import { fork } from 'node:child_process'
import { once } from 'node:events'
import { measureTensors } from '@proof-of-inference/sdk/calibration'
import {
  digest,
  type InferenceInput,
  type PolicyDocument,
  runtimeClass,
  type TensorsOutput,
} from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { createRandom, type ItemVerifier, runVerifier } from '@proof-of-inference/sdk/verifier'
import { cosine } from '@proof-of-inference/verifier-cosine'
import { crossval } from '@proof-of-inference/verifier-crossval'
import { exact } from '@proof-of-inference/verifier-exact'
import { compareTensors } from '../packages/verifier-exact/src/compare.ts'
import type { BenchContext } from './main.ts'
import { benchModels } from './quality/models.ts'

const sizes = [1e3, 1e4, 1e5, 1e6, 1e7] as const
/** Repetitions of one measurement, of which the least counts: others on the machine only add to it. */
const repetitions = 9
const inputs = 20
const id = `0x${'01'.repeat(32)}` as const
const profile = { engine: 'none', version: '1', provider: 'cpu', threads: 1, optimization: 'none' }
const runtime = runtimeClass(profile)
const confidence = { valid: 9_900, invalid: 9_900 }
const thresholds = {
  scales: { 'y/cosine': 1e-9, 'y/relativeL2': 1e-5, 'y/maxAbs': 1e-5 },
  ...{ validBelow: 10, invalidAbove: 20 },
}

type SizeRow = {
  readonly verifier: string
  readonly elements: number
  /** Of comparing two outputs, or an output with three. */
  readonly compareMs: number
  /** Of one pass over as many floats that only sums. */
  readonly sumMs: number
  readonly ratio: number
  /** Of all that the verifier does besides running the model: also hashing the reference for the evidence. */
  readonly verifyMs: number
  /** By how much one verification raises the most memory that a process of its own ever held, in bytes. */
  readonly bytes: number
}

export type VerifiersReport = {
  readonly sizes: readonly SizeRow[]
  readonly models: readonly {
    readonly verifier: string
    readonly model: string
    readonly inferenceMs: number
    /** Of the whole verification, its run or runs included. */
    readonly verificationMs: number
    readonly ratio: number
  }[]
  readonly bars: { readonly cosineRatio: number; readonly allowed: number }
}

/** What the verifiers cost, apart from the model and with it. */
export async function verifiers({ progress }: BenchContext): Promise<VerifiersReport> {
  const sizeRows: SizeRow[] = []
  for (const elements of sizes) {
    progress(`${elements} elements`)
    sizeRows.push(...(await measureSize(elements)))
  }
  const models: VerifiersReport['models'][number][] = []
  for (const name of ['silero-vad-v5', 'pp-ocrv4-rec', 'lande'] as const) {
    progress(name)
    models.push(...(await measureModel(name)))
  }
  const largest = sizeRows.find(({ verifier, elements }) => verifier === 'verifier-cosine' && elements === 1e7)
  return { sizes: sizeRows, models, bars: { cosineRatio: largest?.ratio ?? Number.POSITIVE_INFINITY, allowed: 1.5 } }
}

function outputOf(data: Float32Array, weightsDigest: `0x${string}`): TensorsOutput {
  return {
    type: 'tensors',
    tensors: { y: { dtype: 'float32', dims: [data.length], data } },
    runtime: { ...profile, weightsDigest },
  }
}

type Case = { readonly name: string; readonly verify: () => Promise<void>; readonly compare: () => unknown }

/** Each verifier on two outputs of a size that are nearly equal. */
async function casesOf(elements: number): Promise<{ data: Float32Array; cases: Case[] }> {
  const weightsDigest = await digest(new Uint8Array([1]))
  const manifest = {
    v: 1,
    name: 'none',
    weights: { digest: weightsDigest, format: 'none', size: 1 },
    runtimes: [],
  } as const
  const data = new Float32Array(elements).map((_, index) => Math.sin(index))
  // Not bitwise equal, or exact would compare words only.
  const nearly = data.slice()
  nearly[elements - 1] = (nearly[elements - 1] ?? 0) + 1e-6
  const [claimed, reference] = [outputOf(nearly, weightsDigest), outputOf(data, weightsDigest)]
  const runner: Runner = {
    fingerprint: reference.runtime,
    deterministic: true,
    run: async () => reference,
    dispose: async () => {},
  }
  const measuring = { nearZero: 1e-6, saturation: {} }
  const answers = [reference, claimed, reference].map((output) => ({ output, weight: 1 }))
  const cases: [string, ItemVerifier<never>, PolicyDocument, () => unknown][] = [
    [
      'verifier-exact',
      exact() as ItemVerifier<never>,
      exact.policy() as PolicyDocument,
      () => compareTensors(claimed.tensors, reference.tensors, undefined),
    ],
    [
      'verifier-cosine',
      cosine() as ItemVerifier<never>,
      cosine.policy({ pairs: [{ claimed: runtime, reference: runtime, ...thresholds }], confidence }),
      () => measureTensors(claimed.tensors, reference.tensors, measuring),
    ],
    [
      'verifier-crossval',
      crossval() as ItemVerifier<never>,
      crossval.policy({
        panel: [0, 1, 2].map((index) => ({
          ...{ role: index === 0 ? 'model' : `role-${index}`, weight: 1, runtime },
          ...(index > 0 && { manifest: weightsDigest }),
        })),
        claims: [{ claimed: runtime, ...thresholds }],
        confidence,
      }),
      () => crossval.measure(claimed, answers, measuring),
    ],
  ]
  const input = { type: 'json', value: null } as const
  return {
    data,
    cases: cases.map(([name, verifier, policy, compare]) => {
      const verify = () => judge(verifier, policy, { manifest, claimed, runner, input })
      return { name, compare, verify }
    }),
  }
}

async function measureSize(elements: number): Promise<SizeRow[]> {
  const { data, cases } = await casesOf(elements)
  const rows: SizeRow[] = []
  for (const { name, compare, verify } of cases) {
    const sumMs = await fastest(() => sum(data))
    const compareMs = await fastest(compare)
    const verifyMs = await fastest(verify, 3)
    const bytes = await memoryOf(name, elements)
    rows.push({ verifier: name, elements, compareMs, sumMs, ratio: compareMs / sumMs, verifyMs, bytes })
  }
  return rows
}

async function measureModel(name: keyof typeof benchModels) {
  const model = await benchModels[name]()
  const runners = await model.runtimes()
  const [runner, second, third] = runners
  if (!second || !third) throw new Error('there are fewer than three runtimes')
  const run = (index: number) => runner.run(model.input(index))
  const inferenceMs = (await fastest(async () => void (await times(inputs, run)), 3)) / inputs
  const claims = await times(inputs, run)
  const classes = [runner, second, third].map(({ fingerprint }) => runtimeClass(fingerprint))
  const own = classes[0] ?? ''
  const scales = Object.fromEntries(
    model.outputs.flatMap((tensor) => ['cosine', 'relativeL2', 'maxAbs'].map((metric) => [`${tensor}/${metric}`, 1])),
  )
  const wide = { scales, validBelow: 10, invalidAbove: 20 }
  const policies: [string, ItemVerifier<never>, PolicyDocument][] = [
    ['verifier-exact', exact() as ItemVerifier<never>, exact.policy() as PolicyDocument],
    [
      'verifier-cosine',
      cosine() as ItemVerifier<never>,
      cosine.policy({ pairs: [{ claimed: own, reference: own, ...wide }], confidence }),
    ],
    [
      'verifier-crossval',
      crossval() as ItemVerifier<never>,
      crossval.policy({
        panel: classes.map((runtime, index) => ({
          ...{ role: index === 0 ? 'model' : `role-${index}`, weight: 1, runtime },
          ...(index > 0 && { manifest: model.manifest.weights.digest }),
        })),
        claims: [{ claimed: own, ...wide }],
        confidence,
      }),
    ],
  ]
  const rows = []
  for (const [verifier, plugIn, policy] of policies) {
    const verify = (index: number) => {
      const claimed = claims[index]
      if (claimed?.type !== 'tensors') throw new Error(`${name} does not answer with tensors`)
      const panel = [runner, second, third]
      return judge(plugIn, policy, { manifest: model.manifest, claimed, runner, input: model.input(index), panel })
    }
    const verificationMs = (await fastest(async () => void (await times(inputs, verify)), 3)) / inputs
    rows.push({ verifier, model: name, inferenceMs, verificationMs, ratio: verificationMs / inferenceMs })
  }
  await Promise.all(runners.map((each) => each.dispose()))
  return rows
}

async function judge(
  verifier: ItemVerifier<never>,
  policy: PolicyDocument,
  job: {
    readonly manifest: Parameters<typeof runVerifier>[1]['manifest']
    readonly claimed: TensorsOutput
    readonly runner: Runner
    readonly input: InferenceInput
    readonly panel?: readonly Runner[]
  },
): Promise<void> {
  const { manifest, claimed, runner, input, panel } = job
  const random = (name: string) => createRandom(id, name)
  await runVerifier(
    verifier,
    { requestId: id, jobId: id, input, claimed, manifest, policy },
    {
      operator: `0x${'01'.repeat(20)}`,
      runner: async (role = 'model') => panel?.[role === 'model' ? 0 : Number(role.slice(-1))] ?? runner,
      ...{ shared: random, secret: random, signal: new AbortController().signal },
    },
  )
}

/** Milliseconds of processor time of the fastest of some runs: others on the machine change it less than the clock's. */
async function fastest(run: () => unknown, count: number = repetitions): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let repetition = 0; repetition < count; repetition++) {
    // Long enough to measure, however short a run is.
    let [runs, elapsed] = [0, 0]
    const started = process.cpuUsage()
    do {
      await run()
      runs++
      const { user, system } = process.cpuUsage(started)
      elapsed = (user + system) / 1000
    } while (elapsed < 20)
    least = Math.min(least, elapsed / runs)
  }
  return least
}

/** Asks a process of its own. */
async function memoryOf(name: string, elements: number): Promise<number> {
  const child = fork(new URL(import.meta.url), ['--memory', name, String(elements)], { execArgv: ['--import', 'tsx'] })
  const ended = once(child, 'exit')
  const [bytes] = await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('the process ended'))),
  ])
  await ended
  if (typeof bytes !== 'number') throw new Error('the process gave no number')
  return bytes
}

async function tellMemory(name: string, elements: number): Promise<void> {
  const find = async (size: number) => {
    const found = (await casesOf(size)).cases.find((each) => each.name === name)
    if (!found) throw new Error(`there is no ${name}`)
    return found
  }
  // What is loaded and compiled once is not of the verification.
  await (await find(1_000)).verify()
  const { verify } = await find(elements)
  const before = process.resourceUsage().maxRSS
  await verify()
  process.send?.((process.resourceUsage().maxRSS - before) * 1024)
  process.disconnect()
}

async function times<result>(count: number, run: (index: number) => Promise<result>): Promise<result[]> {
  const results: result[] = []
  for (let index = 0; index < count; index++) results.push(await run(index))
  return results
}

function sum(data: Float32Array): number {
  let total = 0
  for (let index = 0; index < data.length; index++) total += data[index] as number
  return total
}

const [mode, verifier = '', elements = ''] = process.argv.slice(2)
if (mode === '--memory') await tellMemory(verifier, Number(elements))
