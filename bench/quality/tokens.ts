import { type CalibrateParameters, type Calibration, calibrate, type Sample } from '@proof-of-inference/sdk/calibration'
import { runtimeClass } from '@proof-of-inference/sdk/payload'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { onnxNode } from '@proof-of-inference/sdk/runner/onnx-node'
import {
  type Margin,
  marginStatistics,
  measureMargins,
  type SeededMarginParameters,
  seededMargin,
} from '@proof-of-inference/verifier-statistical'
import { generator as randomNumbers } from '../attacks/random.ts'
import { createGenerator, createPrompts, inputOf, loadTiny, type Request, type Variant } from '../languageModel.ts'

const tokens = 200
const cap = 0.1
/**
 * Sequences, a quarter of which set the thresholds; those of them that are attacked otherwise than by 4 bits; and others for
 * the clip. By temperature.
 */
export const sequences = {
  0: { total: 402, attacked: 134, pilots: 30 },
  1: { total: 1_340, attacked: 402, pilots: 60 },
} as const
/** Sequences that are generated at once. */
const size = 67

export type Spread = { tokens: number; changed: number; largest: number }
export type TokenSamples = {
  readonly honest: readonly Sample[]
  readonly attacks: { readonly [attack: string]: readonly Sample[] }
  readonly clip: number
  /** Margins over 0 of all tokens of a set, and the largest, in logits. */
  readonly spread: { readonly [set: string]: Spread }
}

export type TokenOptions = {
  readonly temperature: 0 | 1
  readonly counts?: { readonly total: number; readonly attacked: number; readonly pilots: number }
}

/** Calibrates verifier-statistical's seededMargin() on models/tiny-lm. */
export async function calibrateTokens(
  progress: (message: string) => void,
  options: TokenOptions,
): Promise<{
  readonly calibration: Calibration<SeededMarginParameters>
  /** What `recalibrate` builds the policy with. */
  readonly build: CalibrateParameters<SeededMarginParameters>['build']
  readonly spread: TokenSamples['spread']
}> {
  const { honest, attacks, clip, spread } = await collectTokens(progress, options)
  const build = seededMargin.calibrated({ clip, cap, temperatures: [options.temperature], minTokens: 100 })
  const calibration = await calibrate({ honest, attacks, floors: seededMargin.floors, share: 0.25, build })
  return { calibration, build, spread }
}

/** Margins of sequences of 200 tokens by the native build, honest and not, as the wasm build sees them. */
async function collectTokens(
  progress: (message: string) => void,
  { temperature, counts: { total, attacked, pilots } = sequences[temperature] }: TokenOptions,
): Promise<TokenSamples> {
  const { weights, manifest } = await loadTiny()
  const reference = await onnx().load({ manifest, weights })
  const native = await onnxNode().load({ manifest, weights })
  const pair = seededMargin.pair({
    claimed: runtimeClass(native.fingerprint),
    reference: runtimeClass(reference.fingerprint),
  })
  await native.dispose()
  const model = await createGenerator('model')
  const unoptimised = await createGenerator('model', 'disabled')

  const prompts = await createPrompts(total + pilots, model)
  const requests: Request[] = prompts.map((prompt, index) => ({ prompt, seed: 7_919 * (index + 1) }))
  async function measure(request: Request, tokenIds: readonly number[]): Promise<readonly Margin[]> {
    const margins = await measureMargins(reference, inputOf(request, tokens, temperature), tokenIds)
    if (!margins) throw new Error('the runner does not score')
    return margins
  }

  // What honest tokens' margins are clipped at: their 99.9th percentile on sequences of their own, but not less than the
  // differences of runtimes that no sequence happened to show.
  const pilotRequests = requests.slice(total)
  const pilotTokens = await model(pilotRequests, tokens, { temperature })
  const pilotMargins: number[] = []
  for (const [index, request] of pilotRequests.entries())
    pilotMargins.push(...(await measure(request, pilotTokens[index] ?? [])).map(({ margin }) => margin))
  pilotMargins.sort((a, b) => a - b)
  const clip = Math.max(pilotMargins[Math.ceil(pilotMargins.length * 0.999) - 1] ?? 0, 0.01)

  const cheaper = new Map<Variant, Awaited<ReturnType<typeof createGenerator>>>()
  const generate = async (variant: Variant, own: readonly Request[], count: number = tokens, offset = 0) => {
    const generator = cheaper.get(variant) ?? (await createGenerator(variant))
    cheaper.set(variant, generator)
    return generator(own, count, { offset, temperature })
  }
  type Attack = (own: readonly Request[], honest: readonly (readonly number[])[]) => Promise<(readonly number[])[]>
  const changed = (change: (request: Request) => Request): Attack => {
    return (own) => model(own.map(change), tokens, { temperature })
  }
  const attackTable: { readonly [attack: string]: Attack } = {
    int4: (own) => generate('int4', own),
    int8: (own) => generate('int8', own),
    fp16: (own) => generate('fp16', own),
    sibling: (own) => generate('sibling', own),
    stale: (own) => generate('stale', own),
    'last token of the prompt changed': changed(({ prompt, seed }) => ({ prompt: [...prompt.slice(0, -1), 33], seed })),
    // At temperature 0 there is nothing to draw.
    ...(temperature > 0 && { 'another seed': changed(({ prompt, seed }) => ({ prompt, seed: seed + 1 })) }),
    'output of another request': async (_, honest) =>
      honest.map((_, index) => honest[(index + 1) % honest.length] ?? []),
    'one token swapped': async (_, honest) =>
      honest.map((ids, index) => ids.map((id, at) => (at === (index * 37) % tokens ? (id === 101 ? 116 : 101) : id))),
    'random output': async (own) =>
      own.map(({ seed }) => {
        const random = randomNumbers(seed)
        return Array.from({ length: tokens }, () => Math.floor(random() * 256))
      }),
    // Without graph optimisation, claiming the runtime that has it.
    'misdeclared runtime': (own) => unoptimised(own, tokens, { temperature }),
    // Who knows the thresholds runs the model for most of the text, and 4 bits for the rest.
    'int4 for the last 30 tokens': async (own) => {
      const kept = await model(own, tokens - 30, { temperature })
      const goOn = own.map(({ prompt, seed }, index) => ({ prompt: [...prompt, ...(kept[index] ?? [])], seed }))
      const rest = await generate('int4', goOn, 30, tokens - 30)
      return kept.map((ids, index) => [...ids, ...(rest[index] ?? [])])
    },
  }

  const honest: Sample[] = []
  const attacks: { [attack: string]: Sample[] } = {}
  const spread: { [set: string]: Spread } = {}
  function add(set: string, index: number, margins: readonly Margin[]): void {
    const { mean, beyond, changed, largest } = marginStatistics(margins, { clip, cap })
    spread[set] ??= { tokens: 0, changed: 0, largest: 0 }
    spread[set].tokens += margins.length
    spread[set].changed += changed
    spread[set].largest = Math.max(spread[set].largest, largest)
    const sample: Sample = { unit: String(index), pair, metrics: { mean, beyond } }
    if (set === 'honest') honest.push(sample)
    else {
      attacks[set] ??= []
      attacks[set].push(sample)
    }
  }
  for (let start = 0; start < total; start += size) {
    const own = requests.slice(start, Math.min(start + size, total))
    const output = await model(own, tokens, { temperature })
    const sets: [string, (readonly number[])[]][] = [['honest', output]]
    for (const [name, attack] of Object.entries(attackTable))
      if (name === 'int4' || start < attacked) sets.push([name, await attack(own, output)])
    for (const [set, outputs] of sets)
      for (const [index, ids] of outputs.entries()) {
        const request = own[index]
        if (request) add(set, start + index, await measure(request, ids))
      }
    progress(`tokens at temperature ${temperature}: ${start + own.length} of ${total} sequences`)
  }
  await reference.dispose()
  return { honest, attacks, clip, spread }
}
