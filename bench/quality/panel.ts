import { type Calibration, calibrate, type Sample, tensorFloors, verdictOf } from '@proof-of-inference/sdk/calibration'
import { type IpldValue, runtimeClass, type Tensor, type TensorsOutput } from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { crossval } from '@proof-of-inference/verifier-crossval'
import { changeInput } from '../attacks/inputs.ts'
import { changeOutput, outputAttacks } from '../attacks/outputs.ts'
import { buildsOf, untouchedUnits } from './calibrateModel.ts'
import { type Counts, loadCheaters } from './collect.ts'
import type { BenchModel } from './models.ts'

/** What the bad panellist says; thresholds were set without it. */
const bad = ['sibling', 'fp16', '4-bit', 'random output', 'not a number', 'another shape', 'copies another'] as const

const inputs = 1_000

type Weights = readonly [number, number, number]

/**
 * Verdicts of verifier-crossval while one panellist is bad from the start, by thresholds that are frozen from a panel of
 * three runtimes, all honest: of honest outputs; and of what it says itself, where that is not the model's.
 */
export async function badPanellistCounts(
  model: BenchModel,
  weights: Weights,
  progress: (message: string) => void,
): Promise<{ readonly calibration: Calibration<IpldValue>; readonly counts: { readonly [set: string]: Counts } }> {
  const all = await model.runtimes()
  // The most unlike ones: the model's own engine, where there is one, for the runtime without optimisation.
  const runtimes = [all[0], all[2] ?? all[0], all[3] ?? all[1] ?? all[0]]
  const classes = runtimes.map(({ fingerprint }) => runtimeClass(fingerprint))
  const cheaters = await loadCheaters(model)
  const attacks: { [attack: string]: Sample[] } = {}
  const honest: Sample[] = []
  const rounds: { unit: string; outputs: TensorsOutput[]; says: { [bad: string]: TensorsOutput } }[] = []
  let replayed: TensorsOutput | undefined
  for (let index = 0; index < inputs; index++) {
    const unit = `${model.name} ${index}`
    const input = model.input(index)
    const outputs: TensorsOutput[] = []
    for (const runner of runtimes) outputs.push(await run(runner, input))
    const [expected] = outputs
    if (!expected) throw new Error('the panel is empty')
    const answers = outputs.map((output, at) => ({ output, weight: weights[at] ?? Number.NaN }))
    const add = (set: Sample[], output: TensorsOutput, claims: readonly string[]) => {
      const measured = crossval.measure(output, answers, model.measuring)
      if (!('metrics' in measured)) throw new Error(JSON.stringify(measured))
      for (const pair of claims)
        set.push({ unit, pair, metrics: measured.metrics, ...(measured.blind !== undefined && { isBlind: true }) })
    }
    for (const [at, output] of outputs.entries()) add(honest, output, [classes[at] ?? ''])
    const answered: { [attack: string]: TensorsOutput } = {}
    for (const [name, runner] of Object.entries(cheaters)) answered[name] = await run(runner, input)
    for (const name of outputAttacks) answered[name] = changeOutput(expected, name, index)
    answered['one field changed'] = await run(all[0], changeInput(input, 'one field changed', model.subject))
    if (replayed) answered.replay = replayed
    for (const [name, output] of Object.entries(answered)) {
      attacks[name] ??= []
      add(attacks[name], output, classes)
    }
    rounds.push({
      unit,
      outputs,
      says: {
        ...answered,
        'not a number': changeFloats(expected, ({ dims, data }) => ({ dims, data: data.map(() => Number.NaN) })),
        'another shape': changeFloats(expected, ({ dims, data }) => ({ dims: [...dims, 1], data })),
        'copies another': outputs[1] ?? expected,
      },
    })
    replayed = expected
    if ((index + 1) % 200 === 0) progress(`${model.name}: ${index + 1} of ${inputs} inputs by a panel`)
  }
  const { builds } = await buildsOf(model, runtimes, weights)
  const floors = tensorFloors(model.outputs, model.magnitude)
  const calibration = await calibrate<IpldValue>({ honest, attacks, floors, share: 0.3, build: builds.crossval })

  const { thresholds } = calibration.report
  const untouched = untouchedUnits(calibration)
  const counts: { [set: string]: Counts } = {}
  for (const { unit, outputs, says } of rounds) {
    if (!untouched.has(unit)) continue
    for (const name of bad) {
      const liar = says[name]
      if (!liar) throw new Error(`nobody says ${name}`)
      const found = new Set<'valid' | 'invalid' | 'inconclusive'>()
      const itself = new Set<'valid' | 'invalid' | 'inconclusive'>()
      // Each of the three in turn.
      for (const place of outputs.keys()) {
        const answers = outputs.map((output, at) => ({
          output: at === place ? liar : output,
          weight: weights[at] ?? Number.NaN,
        }))
        const judge = (output: TensorsOutput, claimed: string) => {
          const measured = crossval.measure(output, answers, model.measuring)
          const own = thresholds[claimed]
          if (!own) throw new Error(`there are no thresholds for ${claimed}`)
          if ('mismatch' in measured) return 'invalid'
          if ('unusable' in measured) return 'inconclusive'
          return verdictOf({ metrics: measured.metrics, isBlind: measured.blind !== undefined }, own)
        }
        for (const [at, output] of outputs.entries()) found.add(judge(output, classes[at] ?? ''))
        if (name !== 'copies another') for (const claimed of classes) itself.add(judge(liar, claimed))
      }
      count(counts, `honest, a panellist: ${name}`, found, ['invalid', 'inconclusive', 'valid'])
      if (itself.size > 0)
        count(counts, `${name}, and so says a panellist`, itself, ['valid', 'inconclusive', 'invalid'])
    }
  }
  for (const runner of [...all, ...Object.values(cheaters)]) await runner.dispose()
  return { calibration, counts }
}

/** The worst verdict of a unit. */
function count(
  counts: { [set: string]: Counts },
  set: string,
  verdicts: ReadonlySet<'valid' | 'invalid' | 'inconclusive'>,
  order: readonly ('valid' | 'invalid' | 'inconclusive')[],
): void {
  const worst = order.find((verdict) => verdicts.has(verdict))
  if (!worst) throw new Error('there is no verdict')
  counts[set] ??= { n: 0, valid: 0, invalid: 0, inconclusive: 0 }
  counts[set].n++
  counts[set][worst]++
}

async function run(runner: Runner, input: Parameters<Runner['run']>[0]): Promise<TensorsOutput> {
  const output = await runner.run(input)
  if (output.type !== 'tensors') throw new Error('the model does not answer with tensors')
  return output
}

type Floats = Extract<Tensor, { dtype: 'float32' }>

function changeFloats(output: TensorsOutput, change: (tensor: Floats) => Pick<Floats, 'dims' | 'data'>): TensorsOutput {
  const tensors = Object.entries(output.tensors).map(([name, tensor]) => [
    name,
    tensor.dtype === 'float32' ? { ...tensor, ...change(tensor) } : tensor,
  ])
  return { ...output, tensors: Object.fromEntries(tensors) }
}
