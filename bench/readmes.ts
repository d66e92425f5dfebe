// Writes the error rates of bench/results/quality.json into the packages' READMEs: `node --import tsx bench/readmes.ts`.
// A table stands between `<!-- table: <name> -->` and `<!-- end of table -->`.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'

const root = new URL('../', import.meta.url)
const row = v.object({
  verifier: v.string(),
  model: v.string(),
  set: v.string(),
  n: v.number(),
  valid: v.number(),
  invalid: v.number(),
  inconclusive: v.number(),
  upper95: v.number(),
  blind: v.optional(v.string()),
  distance: v.optional(v.object({ low: v.number(), median: v.number(), high: v.number() })),
})
type Row = v.InferOutput<typeof row>

/** The READMEs that have tables. */
const readmes = ['exact', 'cosine', 'crossval', 'statistical'].map((name) => `packages/verifier-${name}/README.md`)

/** The tables, by name: a verifier's, of all its models or of the only one. */
const tables: { readonly [name: string]: (rows: readonly Row[]) => string } = {
  'verifier-exact': byModel,
  'verifier-cosine': byModel,
  'verifier-cosine, lexicalEmbedder': bySet,
  'verifier-crossval': byModel,
  'verifier-crossval, weights 1:1:1': byModel,
  'verifier-crossval, weights 4:3:3': byModel,
  'verifier-statistical/conformal': byModel,
  'verifier-statistical/seeded-margin': bySet,
  'verifier-statistical/seeded-margin, temperature 0': bySet,
  'verifier-statistical/two-sample': bySet,
  'verifier-statistical/two-sample, ranks: false': bySet,
}

/** A README with the tables of a report. Throws if it has one that nobody makes. */
export function withTables(readme: string, report: unknown): string {
  const { rows } = v.parse(v.object({ rows: v.array(row) }), report)
  return readme.replace(/<!-- table: (.+?) -->\n[\s\S]*?<!-- end of table -->/g, (_, name: string) => {
    const own = rows.filter(({ verifier }) => verifier === name)
    const render = tables[name]
    if (!render || own.length === 0) throw new Error(`there are no results of ${name}`)
    return `<!-- table: ${name} -->\n${render(own)}\n<!-- end of table -->`
  })
}

/** Wrong verdicts by set and model. */
function byModel(rows: readonly Row[]): string {
  const models = [...new Set(rows.map(({ model }) => model))]
  const sets = [...new Set(rows.map(({ set }) => set))]
  const lines = sets.map((set) => {
    const cells = models.map((model) => {
      const found = rows.find((each) => each.set === set && each.model === model)
      return found ? errorsOf(found) : ''
    })
    return [set, ...cells]
  })
  return markdown([['set', ...models], ...lines])
}

/** Verdicts by set, of one model. */
function bySet(rows: readonly Row[]): string {
  const hasDistance = rows.some(({ distance }) => distance)
  const head = ['set', 'valid', 'invalid', 'inconclusive', 'wrong verdicts', ...(hasDistance ? ['1 − cosine'] : [])]
  const lines = rows.map((each) => {
    const { set, valid, invalid, inconclusive, distance } = each
    const range = distance ? `${short(distance.median)} (${short(distance.low)} to ${short(distance.high)})` : ''
    return [set, ...[valid, invalid, inconclusive].map(grouped), errorsOf(each), ...(hasDistance ? [range] : [])]
  })
  return markdown([head, ...lines])
}

function errorsOf({ set, n, invalid, inconclusive, upper95, blind }: Row): string {
  const isHonest = set.startsWith('honest')
  const errors = isHonest ? invalid : n - invalid
  const bound = errors === n ? '' : ` (≤ ${percent(upper95)})`
  const abstained = isHonest && inconclusive > 0 ? `, ${grouped(inconclusive)} inconclusive` : ''
  return `${grouped(errors)} of ${grouped(n)}${bound}${abstained}${blind !== undefined && !isHonest ? ', not claimed' : ''}`
}

const grouped = (count: number) => count.toLocaleString('en-US')
const short = (value: number) => String(Number(value.toPrecision(2)))
const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`

function markdown([head = [], ...lines]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n')
}

/** Each README: as it is, and as it should be. */
export async function readTables(): Promise<
  readonly { readonly file: string; readonly actual: string; readonly expected: string }[]
> {
  const report: unknown = JSON.parse(await readFile(new URL('bench/results/quality.json', root), 'utf8'))
  return Promise.all(
    readmes.map(async (file) => {
      const actual = await readFile(new URL(file, root), 'utf8')
      return { file, actual, expected: withTables(actual, report) }
    }),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const { file, expected } of await readTables()) await writeFile(new URL(file, root), expected)
