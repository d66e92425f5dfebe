import { runtimeClass, type TensorsOutput } from '@proof-of-inference/sdk/payload'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { onnxNode } from '@proof-of-inference/sdk/runner/onnx-node'
import { type ConformalPolicyOptions, conformal, conformalScore } from '@proof-of-inference/verifier-statistical'
import { changeInput, inputAttacks } from '../attacks/inputs.ts'
import { changeOutput, outputAttacks } from '../attacks/outputs.ts'
import { type Counts, isSame, loadCheaters } from './collect.ts'
import { judge } from './judge.ts'
import type { BenchModel } from './models.ts'

/** Inputs whose honest scores set the quantile: the largest of 299 is exceeded by at most 1 %, with 95 % certainty. */
const calibrated = 299
const attacked = 299
const score = 'relativeL2' as const

/**
 * Verdicts of verifier-statistical's conformal() on outputs of the native build, by the wasm build: by set; and what its
 * policies are made with, but for the rates.
 */
export async function conformalCounts(
  model: BenchModel,
  progress: (message: string) => void,
): Promise<{
  readonly counts: { readonly [set: string]: Counts }
  readonly rule: Omit<ConformalPolicyOptions, 'confidence' | 'errorRates'>
}> {
  const reference = await onnx().load(model)
  const agent = await onnxNode().load(model)
  const unoptimised = await onnxNode({ optimization: 'disabled' }).load(model)
  const cheaters = await loadCheaters(model)
  const run = async (runner: typeof agent, input = model.input(0)): Promise<TensorsOutput> => {
    const output = await runner.run(input)
    if (output.type !== 'tensors') throw new Error(`${model.name} does not answer with tensors`)
    return output
  }
  const { outputs } = model

  const scores: number[] = []
  for (let index = 0; index < calibrated; index++) {
    const input = model.input(index)
    const found = conformalScore(await run(agent, input), await run(reference, input), { outputs, score })
    if (found === undefined) throw new Error('the runtimes differ in their shapes')
    scores.push(found)
  }
  const rule = {
    alpha: 1 / (calibrated + 1),
    ...{ outputs, score },
    pairs: [{ claimed: runtimeClass(agent.fingerprint), reference: runtimeClass(reference.fingerprint), scores }],
  } as const
  // The confidence decides no verdict.
  const policy = conformal.policy({ ...rule, confidence: { valid: 9_900, invalid: 9_900 } })

  const counts: { [set: string]: Counts } = {}
  const add = async (set: string, output: TensorsOutput, expected: TensorsOutput) => {
    const claimed = { ...output, runtime: agent.fingerprint }
    const status = await judge(conformal(), policy, { model, claimed, expected, runner: reference })
    counts[set] ??= { n: 0, valid: 0, invalid: 0, inconclusive: 0 }
    counts[set].n++
    counts[set][status]++
  }
  let replayed: TensorsOutput | undefined
  const honest = Math.min(model.counts.honest, 1_000)
  for (let index = 0; index < honest; index++) {
    const input = model.input(calibrated + index)
    const expected = await run(reference, input)
    const output = await run(agent, input)
    await add('honest', output, expected)
    if (index >= attacked) continue
    const attacks: [string, TensorsOutput][] = [['misdeclared runtime', await run(unoptimised, input)]]
    for (const [name, runner] of Object.entries(cheaters)) attacks.push([name, await run(runner, input)])
    for (const name of inputAttacks) attacks.push([name, await run(agent, changeInput(input, name, model.subject))])
    for (const name of outputAttacks) attacks.push([name, changeOutput(output, name, index)])
    if (replayed) attacks.push(['replay', replayed])
    // What a change does not change is no attack.
    for (const [name, attack] of attacks) if (!isSame(attack, output)) await add(name, attack, expected)
    replayed = output
  }
  progress(`${model.name}: conformal, quantile ${Math.max(...scores)}`)
  for (const runner of [reference, agent, unoptimised, ...Object.values(cheaters)]) await runner.dispose()
  return { counts, rule }
}
