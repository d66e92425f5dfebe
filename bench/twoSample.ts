// Power and size of verifier-statistical's twoSample test on models/tiny-lm: 25 prompts × 10 texts by the native provider.
// Run: node --import tsx bench/twoSample.ts [batches]   (default 100 of each kind)

import { clopperPearson } from '@proof-of-inference/sdk/calibration'
import { byteTokenizer } from '@proof-of-inference/sdk/runner'
import { createRandom } from '@proof-of-inference/sdk/verifier'
import { meanDiscrepancy } from '@proof-of-inference/verifier-statistical'
import { createGenerator, createPrompts, type Generator } from './languageModel.ts'

const batches = Number(process.argv[2] ?? 100)
const [prompts, samples, alpha] = [25, 10, 0.01]
const lengths = [8, 16, 32]
const id = `0x${'01'.repeat(32)}` as const
const [model, sibling, stale, int4] = await Promise.all(
  (['model', 'sibling', 'stale', 'int4'] as const).map((each) => createGenerator(each)),
)
if (!model || !sibling || !stale || !int4) throw new Error('no models')

/** Texts by prompt, all with seeds of their own. */
async function textsOf(generate: Generator, own: readonly (readonly number[])[], seed: number): Promise<string[][]> {
  const requests = own.flatMap((prompt, at) =>
    Array.from({ length: samples }, (_, sample) => ({ prompt, seed: seed + at * samples + sample })),
  )
  const texts = (await generate(requests, Math.max(...lengths))).map((tokens) => byteTokenizer.decode(tokens))
  return own.map((_, at) => texts.slice(at * samples, (at + 1) * samples))
}

const all = await createPrompts(prompts * batches, model)
const counts: { [row: string]: number } = {}
for (let batch = 0; batch < batches; batch++) {
  const own = all.slice(batch * prompts, (batch + 1) * prompts)
  const reference = await textsOf(model, own, batch * 10_000_000)
  for (const [name, generate] of Object.entries({ honest: model, sibling, stale, int4 })) {
    const claimed = await textsOf(generate, own, batch * 10_000_000 + 1_000_000)
    for (const length of lengths) {
      const strata = own.map((_, at) => ({ claimed: claimed[at] ?? [], reference: reference[at] ?? [] }))
      const random = createRandom(id, `${batch}/${name}`)
      const { pValue } = meanDiscrepancy(strata, { length, permutations: 199 }, random)
      const row = `${name}, ${length} characters`
      counts[row] = (counts[row] ?? 0) + (pValue <= alpha ? 1 : 0)
    }
  }
  process.stderr.write(`· ${batch + 1} of ${batches} ${JSON.stringify(counts)}\n`)
}
console.table(
  Object.fromEntries(
    Object.entries(counts).map(([row, invalid]) => [row, { n: batches, invalid, ...clopperPearson(invalid, batches) }]),
  ),
)
