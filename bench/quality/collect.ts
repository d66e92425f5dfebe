import { type Measurement, measureTensors, type Sample, type SampleSet } from '@proof-of-inference/sdk/calibration'
import { digest, type RuntimeFingerprint, runtimeClass, type TensorsOutput } from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { cosine } from '@proof-of-inference/verifier-cosine'
import { crossval } from '@proof-of-inference/verifier-crossval'
import { exact } from '@proof-of-inference/verifier-exact'
import { changeInput, inputAttacks } from '../attacks/inputs.ts'
import { changeOutput, outputAttacks } from '../attacks/outputs.ts'
import { roundWeights } from '../attacks/weights.ts'
import { judge } from './judge.ts'
import type { BenchModel } from './models.ts'

export type Counts = { n: number; valid: number; invalid: number; inconclusive: number }

/** What was measured of a model: distances for the verifiers that are calibrated, verdicts of the one that is not. */
export type Collected = {
  readonly cosine: SampleSet
  readonly crossval: SampleSet
  /** Those of the crossval's honest samples that were measured while a panellist lied. */
  readonly lies: readonly Sample[]
  /** The runtimes: the operators' first. */
  readonly runtimes: readonly Pick<Runner, 'fingerprint'>[]
  readonly exact: { readonly [set: string]: Counts }
}

/** Runs a model, honestly and not, on its inputs. */
export async function collect(model: BenchModel, progress: (message: string) => void): Promise<Collected> {
  const runtimes = await model.runtimes()
  const [reference, ...others] = runtimes
  // An honest agent on the operators' runtime runs it itself.
  const agent = await onnx().load(model)
  const classes = runtimes.map(({ fingerprint }) => runtimeClass(fingerprint))
  const cheaters = await loadCheaters(model)
  const run = async (runner: Runner, input = model.input(0)): Promise<TensorsOutput> => {
    const output = await runner.run(input)
    if (output.type !== 'tensors') throw new Error(`${model.name} does not answer with tensors`)
    return output
  }

  const sets = { cosine: emptySet(), crossval: emptySet() }
  const lies: Sample[] = []
  const verdicts: { [set: string]: Counts } = {}

  /** Adds what the verifiers measure on an output. */
  async function add(
    set: 'honest' | string,
    unit: string,
    output: TensorsOutput,
    panel: readonly TensorsOutput[],
    { as = classes, honestAs }: { as?: readonly string[]; honestAs?: RuntimeFingerprint } = {},
  ): Promise<void> {
    const [expected] = panel
    if (!expected) throw new Error('the panel is empty')
    const answers = panel.slice(0, 3).map((answer) => ({ output: answer, weight: 1 }))
    const found = {
      cosine: measureTensors(output.tensors, expected.tensors, model.measuring),
      crossval: crossval.measure(output, answers, model.measuring),
    }
    for (const claimed of as) {
      for (const verifier of ['cosine', 'crossval'] as const) {
        const pair = verifier === 'cosine' ? cosine.pair(claimed, classes[0] ?? '') : claimed
        const sample = sampleOf(unit, pair, found[verifier])
        push(sets[verifier], set, sample)
      }
    }
    // Exact has one class to judge by: a cheater claims it.
    const claimed: TensorsOutput = { ...output, runtime: honestAs ?? reference.fingerprint }
    const row = honestAs && runtimeClass(honestAs) !== classes[0] ? `honest, claims ${honestAs.engine}` : set
    const status = await judge(exact(), exact.policy(), { model, claimed, expected, runner: reference })
    verdicts[row] ??= { n: 0, valid: 0, invalid: 0, inconclusive: 0 }
    verdicts[row].n++
    verdicts[row][status]++
  }

  let replayed: TensorsOutput | undefined
  for (let index = 0; index < model.counts.honest; index++) {
    const unit = `${model.name} ${index}`
    const input = model.input(index)
    const panel = [await run(reference, input)]
    for (const runner of others) panel.push(await run(runner, input))
    const honest = [await run(agent, input), ...panel.slice(1)]
    for (const [at, output] of honest.entries()) {
      const { fingerprint } = runtimes[at] ?? reference
      await add('honest', unit, output, panel, { as: [classes[at] ?? ''], honestAs: fingerprint })
    }
    const isAttacked = index < model.counts.attacked
    if (isAttacked) {
      const [output = panel[0]] = panel
      if (!output) throw new Error('the panel is empty')
      const random = changeOutput(output, 'random output', index)
      const attacks: [string, TensorsOutput][] = []
      for (const [name, runner] of Object.entries(cheaters)) attacks.push([name, await run(runner, input)])
      for (const name of inputAttacks)
        attacks.push([name, await run(reference, changeInput(input, name, model.subject))])
      for (const name of outputAttacks) attacks.push([name, changeOutput(output, name, index)])
      if (replayed) attacks.push(['replay', replayed])
      for (const [name, attack] of attacks) {
        // What a change does not change is no attack: an input whose half is silent, cut to that half.
        if (isSame(attack, output)) continue
        await add(name, unit, attack, panel)
      }
      // A panellist that lies, each in turn: honest outputs are to stay valid, and its accomplice's invalid.
      const sibling = attacks.find(([name]) => name === 'sibling')?.[1]
      if (!sibling) throw new Error('the sibling answers as the model does')
      for (const liar of [random, sibling]) {
        for (let at = 0; at < 3; at++) {
          const answers = panel
            .slice(0, 3)
            .map((output, index) => ({ output: index === at ? liar : output, weight: 1 }))
          for (const [index, output] of honest.slice(0, 3).entries()) {
            const sample = sampleOf(unit, classes[index], crossval.measure(output, answers, model.measuring))
            push(sets.crossval, 'honest', sample)
            lies.push(sample)
          }
          const colluding = crossval.measure(sibling, answers, model.measuring)
          if (liar === sibling) push(sets.crossval, 'sibling, with a panellist', sampleOf(unit, classes[0], colluding))
        }
      }
      replayed = output
    }
    if ((index + 1) % 100 === 0) progress(`${model.name}: ${index + 1} of ${model.counts.honest} inputs`)
  }
  for (const runner of [...runtimes, agent, ...Object.values(cheaters)]) await runner.dispose()
  return { ...sets, lies, runtimes, exact: verdicts }
}

const emptySet = () => ({ honest: [] as Sample[], attacks: {} as { [attack: string]: Sample[] } })

function push(set: ReturnType<typeof emptySet>, name: string, sample: Sample): void {
  if (name === 'honest') {
    set.honest.push(sample)
    return
  }
  const samples = set.attacks[name] ?? []
  samples.push(sample)
  set.attacks[name] = samples
}

function sampleOf(unit: string, pair: string | undefined, measured: Measurement): Sample {
  if (pair === undefined) throw new Error('there are fewer runtimes than panellists')
  if (!('metrics' in measured)) throw new Error(JSON.stringify(measured))
  return { unit, pair, metrics: measured.metrics, ...(measured.blind !== undefined && { isBlind: true }) }
}

export async function loadCheaters(model: BenchModel): Promise<{ [attack: string]: Runner }> {
  const weights = {
    fp16: roundWeights(model.weights, 'fp16'),
    int8: roundWeights(model.weights, 'int8'),
    '4-bit': roundWeights(model.weights, 'int4'),
    sibling: model.sibling,
    'stale version': model.stale,
  }
  const loaded: { [attack: string]: Runner } = {}
  for (const [name, bytes] of Object.entries(weights)) {
    const own = { digest: await digest(bytes), format: 'onnx', size: bytes.length }
    loaded[name] = await onnx().load({ weights: bytes, manifest: { ...model.manifest, weights: own } })
  }
  return loaded
}

export function isSame(a: TensorsOutput, b: TensorsOutput): boolean {
  return Object.entries(a.tensors).every(([name, { data }]) => {
    const other = b.tensors[name]?.data
    return Buffer.compare(bytes(data), bytes(other ?? new Uint8Array())) === 0
  })
}

const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => new Uint8Array(buffer, byteOffset, byteLength)
