// Error rates of verifier-statistical's seededMargin on models/tiny-lm: sequences of 200 tokens by the native provider,
// judged by the wasm verifier. Writes bench/results/tokens.json.
// Run: node --import tsx bench/tokens.ts [sequences]   (default 1,340, of which three quarters measure)

import { writeFile } from 'node:fs/promises'
import { calibrate, type Sample } from '@proof-of-inference/sdk/calibration'
import { encodePolicy, runtimeClass } from '@proof-of-inference/sdk/payload'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { onnxNode } from '@proof-of-inference/sdk/runner/onnx-node'
import { type Margin, marginStatistics, measureMargins, seededMargin } from '@proof-of-inference/verifier-statistical'
import { createGenerator, createPrompts, inputOf, loadTiny, type Request, type Variant } from './languageModel.ts'

const tokens = 200
const cap = 0.1
const pilots = 60
const total = Number(process.argv[2] ?? 1_340)
/** Sequences of the attacks other than 4 bits. */
const some = Math.min(total, 400)
const size = 67

const { weights, manifest } = await loadTiny()
const reference = await onnx().load({ manifest, weights })
const native = await onnxNode().load({ manifest, weights })
const pair = seededMargin.pair({
  claimed: runtimeClass(native.fingerprint),
  reference: runtimeClass(reference.fingerprint),
})
await native.dispose()

const variants = ['model', 'int4', 'int8', 'fp16', 'sibling', 'stale'] as const satisfies readonly Variant[]
const generators = new Map(
  await Promise.all(variants.map(async (each) => [each, await createGenerator(each)] as const)),
)
const generatorOf = (variant: Variant) => {
  const generate = generators.get(variant)
  if (!generate) throw new Error(`no ${variant}`)
  return generate
}
const log = (message: string) => process.stderr.write(`· ${message}\n`)

const prompts = await createPrompts(total + pilots, generatorOf('model'))
const requests: Request[] = prompts.map((prompt, index) => ({ prompt, seed: 7_919 * (index + 1) }))
const pilotRequests = requests.slice(total)

type Margins = readonly Margin[]
async function measure(request: Request, tokenIds: readonly number[]): Promise<Margins> {
  const margins = await measureMargins(reference, inputOf(request, tokens), tokenIds)
  if (!margins) throw new Error('the runner does not score')
  return margins
}

// What honest tokens' margins are clipped at: their 99.9th percentile on sequences of their own, but not less than the
// differences of runtimes that no sequence happened to show.
const pilotTokens = await generatorOf('model')(pilotRequests, tokens)
const pilotMargins: number[] = []
for (const [index, request] of pilotRequests.entries())
  pilotMargins.push(...(await measure(request, pilotTokens[index] ?? [])).map(({ margin }) => margin))
pilotMargins.sort((a, b) => a - b)
const clip = Math.max(pilotMargins[Math.ceil(pilotMargins.length * 0.999) - 1] ?? 0, 0.01)
log(
  `pilot: ${pilotMargins.filter((margin) => margin > 0).length} of ${pilotMargins.length} tokens differ, by at most ${pilotMargins.at(-1)}; clip ${clip}`,
)

const sampleOf = (index: number, margins: Margins): Sample => {
  const { mean, beyond } = marginStatistics(margins, { clip, cap })
  return { unit: String(index), pair, metrics: { mean, beyond } }
}

const honest: Sample[] = []
const attacks: { [attack: string]: Sample[] } = {}
const spread: { [row: string]: { changed: number; largest: number; tokens: number } } = {}
function add(row: string, index: number, margins: Margins): void {
  const { changed, largest } = marginStatistics(margins, { clip, cap })
  spread[row] ??= { changed: 0, largest: 0, tokens: 0 }
  spread[row].changed += changed
  spread[row].largest = Math.max(spread[row].largest, largest)
  spread[row].tokens += margins.length
  if (row === 'honest') honest.push(sampleOf(index, margins))
  else {
    attacks[row] ??= []
    attacks[row].push(sampleOf(index, margins))
  }
}

const started = performance.now()
for (let start = 0; start < total; start += size) {
  const own = requests.slice(start, start + size)
  const model = await generatorOf('model')(own, tokens)
  const rows: [string, number[][]][] = [
    ['honest', model],
    ['int4', await generatorOf('int4')(own, tokens)],
  ]
  if (start < some) {
    for (const variant of ['int8', 'fp16', 'sibling', 'stale'] as const)
      rows.push([variant, await generatorOf(variant)(own, tokens)])
    const longer = own.map(({ prompt, seed }) => ({ prompt: [...prompt.slice(0, -1), 33], seed }))
    rows.push(['last token of the prompt changed', await generatorOf('model')(longer, tokens)])
    rows.push([
      'another seed',
      await generatorOf('model')(
        own.map(({ prompt, seed }) => ({ prompt, seed: seed + 1 })),
        tokens,
      ),
    ])
    rows.push(['output of another request', model.map((_, index) => model[(index + 1) % model.length] ?? [])])
    rows.push([
      'one token swapped',
      model.map((ids, index) => ids.map((id, at) => (at === (index * 37) % tokens ? (id === 101 ? 116 : 101) : id))),
    ])
    // Who knows the thresholds runs the model for most of the text, and 4 bits for the rest.
    const kept = tokens - 30
    const tail = await generatorOf('model')(own, kept)
    const rest = await continued('int4', own, tail)
    rows.push(['int4 for the last 30 tokens', tail.map((ids, index) => [...ids, ...(rest[index] ?? [])])])
  }
  for (const [row, sequences] of rows)
    for (const [index, ids] of sequences.entries()) {
      const request = own[index]
      if (request) add(row, start + index, await measure(request, ids))
    }
  await report()
  log(`${start + size} of ${total}, ${Math.round((performance.now() - started) / 1000)} s`)
}
await reference.dispose()

/** What a variant goes on with after tokens of another, with the noise of those positions. */
async function continued(variant: Variant, own: readonly Request[], before: readonly number[][]): Promise<number[][]> {
  const offset = before[0]?.length ?? 0
  return generatorOf(variant)(
    own.map(({ prompt, seed }, index) => ({ prompt: [...prompt, ...(before[index] ?? [])], seed })),
    tokens - offset,
    offset,
  )
}

/** Calibrates on a quarter of the sequences so far, measures on the others, and writes what came out. */
async function report(): Promise<void> {
  const { policy, report } = await calibrate({
    honest,
    attacks,
    floors: seededMargin.floors,
    share: 0.25,
    build: seededMargin.calibrated({ clip, cap, temperatures: [1], minTokens: 100 }),
  })
  const { digest: policyDigest } = await encodePolicy(policy)
  const result = { tokens, cap, clip, pair, spread, report, policy, policyDigest }
  await writeFile(new URL('results/tokens.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`)
  const table = { honest: report.honest, ...report.attacks }
  const rows = Object.entries(table).map(([row, { n, valid, invalid, inconclusive, errors, bounds }]) => [
    row,
    { n, valid, invalid, inconclusive, errors, upper: bounds.upper },
  ])
  console.table(Object.fromEntries(rows))
  console.log(report.thresholds[pair], spread)
}
