import type { Calibration, CalibrationReport } from '@proof-of-inference/sdk/calibration'
import { clopperPearson } from '@proof-of-inference/sdk/calibration'
import { encodePolicy, type IpldValue, type PolicyDocument } from '@proof-of-inference/sdk/payload'
import { conformal, twoSample } from '@proof-of-inference/verifier-statistical'
import * as v from 'valibot'
import type { BenchContext } from './main.ts'
import { calibrateModel } from './quality/calibrateModel.ts'
import type { Counts } from './quality/collect.ts'
import { conformalCounts } from './quality/conformal.ts'
import { calibrateEmbeddings, type Distance } from './quality/embeddings.ts'
import { benchModels } from './quality/models.ts'
import { badPanellistCounts } from './quality/panel.ts'
import { alike, textCounts, rule as textRule } from './quality/texts.ts'
import { calibrateTokens, type Spread } from './quality/tokens.ts'

type Row = {
  readonly verifier: string
  readonly model: string
  /** `honest`, or an attack. */
  readonly set: string
  /** Independent inputs, none of which set a threshold. */
  readonly n: number
  readonly valid: number
  readonly invalid: number
  readonly inconclusive: number
  /** One-sided 95 % bounds of the rate of wrong verdicts: invalid on honest outputs, anything else on attacks. */
  readonly lower95: number
  readonly upper95: number
  /** Why the verifier does not claim to see the attack on the model. */
  readonly blind?: string
  /** 1 − cosine of the embeddings: the 1st percentile, the median and the 99th. */
  readonly distance?: Distance | undefined
  /** Of all tokens: how many are not the reference's, and the largest margin in logits. */
  readonly spread?: Spread | undefined
}

type Policy = {
  readonly verifier: string
  readonly model: string
  readonly policyDigest: string
  /** Ready to publish: thresholds, confidence, and the rates of the rows. */
  readonly policy: PolicyDocument
  /** Of those that `calibrate` gave: what it says of operators, and ... */
  readonly disagreement?: CalibrationReport['disagreement']
  readonly noQuorum?: CalibrationReport['noQuorum']
  /** ... what an attacker who knows the thresholds can move each metric by and be found valid: the most of any pair. */
  readonly undetected?: { readonly [metric: string]: number }
}

export type QualityReport = { readonly rows: readonly Row[]; readonly policies: readonly Policy[] }

const entries = <entry>() => v.array(v.custom<entry>((value) => v.is(entry, value)))
const entry = v.looseObject({ verifier: v.string(), model: v.string() })
/** What merging has to know of a report. */
const reportSchema = v.strictObject({ rows: entries<Row>(), policies: entries<Policy>() })

type BenchModelName = keyof typeof benchModels
type Measure = (progress: BenchContext['progress']) => Promise<QualityReport>

const ofEach = (part: string, models: readonly BenchModelName[], measure: (model: BenchModelName) => Measure) =>
  Object.fromEntries(models.map((model) => [`${part}/${model}`, measure(model)]))
const all = ['silero-vad-v5', 'silero-vad-v6', 'lande', 'pp-ocrv4-rec'] as const

/** What can be measured alone: `npm run bench -- quality tokens tensors/lande`; `tensors` are those of all models. */
const parts: { readonly [part: string]: Measure } = {
  ...ofEach('tensors', all, (model) => (progress) => tensors(model, progress)),
  ...ofEach('panel', ['silero-vad-v5', 'lande'], (model) => (progress) => panel(model, progress)),
  embeddings,
  ...ofEach('conformal', all, (model) => (progress) => conformalOnTensors(model, progress)),
  tokens: (progress) => tokens(progress, 1),
  greedy: (progress) => tokens(progress, 0),
  texts,
}

/** Error rates of every verifier on every model under every attack, part by part. */
export async function* measureQuality({ progress, parts: wanted }: BenchContext): AsyncGenerator<QualityReport> {
  const isOf = (part: string, name: string) => part === name || part.startsWith(`${name}/`)
  const names = Object.keys(parts)
  const unknown = wanted.find((name) => !names.some((part) => isOf(part, name)))
  if (unknown !== undefined) throw new Error(`quality has the parts ${names.join(', ')}, not ${unknown}`)
  for (const [part, measure] of Object.entries(parts))
    if (wanted.length === 0 || wanted.some((name) => isOf(part, name))) yield measure(progress)
}

/** All of {@link measureQuality} in one. */
export async function quality(context: BenchContext): Promise<QualityReport> {
  let report: QualityReport = { rows: [], policies: [] }
  for await (const measured of measureQuality(context)) report = mergeReports(report, measured)
  return report
}

/** verifier-exact, -cosine and -crossval on models that answer with tensors. */
async function tensors(name: BenchModelName, progress: BenchContext['progress']): Promise<QualityReport> {
  const rows: Row[] = []
  const policies: Policy[] = []
  const { calibrations, exact, lies } = await calibrateModel(await benchModels[name](), progress)
  for (const [set, counts] of Object.entries(exact)) {
    const isUnlisted = set.startsWith('honest') && counts.inconclusive === counts.n
    rows.push({
      ...rowOf('verifier-exact', name, set, counts),
      ...(isUnlisted && { blind: 'the policy has no tolerance for the runtime' }),
    })
  }
  rows.push(rowOf('verifier-crossval', name, 'honest, a panellist lies', lies))
  for (const [verifier, calibration] of Object.entries(calibrations)) {
    rows.push(...rowsOf(`verifier-${verifier}`, name, calibration.report))
    policies.push(await calibratedEntry(`verifier-${verifier}`, name, calibration))
  }
  return { rows, policies }
}

/** verifier-crossval while a panellist is bad. */
async function panel(name: BenchModelName, progress: BenchContext['progress']): Promise<QualityReport> {
  const rows: Row[] = []
  const policies: Policy[] = []
  for (const weights of [[1, 1, 1] as const, [4, 3, 3] as const]) {
    const { calibration, counts } = await badPanellistCounts(await benchModels[name](), weights, progress)
    const verifier = `verifier-crossval, weights ${weights.join(':')}`
    rows.push(...rowsOf(verifier, name, calibration.report))
    rows.push(...Object.entries(counts).map(([set, each]) => rowOf(verifier, name, set, each)))
    policies.push(await calibratedEntry(verifier, name, calibration))
  }
  return { rows, policies }
}

/** verifier-cosine on texts, by the lexical embedder. */
async function embeddings(progress: BenchContext['progress']): Promise<QualityReport> {
  const { calibration, distances } = await calibrateEmbeddings(progress)
  const verifier = 'verifier-cosine, lexicalEmbedder'
  const rows = rowsOf(verifier, 'tiny-lm', calibration.report).map((row) => ({ ...row, distance: distances[row.set] }))
  return { rows, policies: [await calibratedEntry(verifier, 'tiny-lm', calibration)] }
}

/** conformal() on the same models. */
async function conformalOnTensors(name: BenchModelName, progress: BenchContext['progress']): Promise<QualityReport> {
  const verifier = 'verifier-statistical/conformal'
  const { counts, rule } = await conformalCounts(await benchModels[name](), progress)
  const rows = uncalibratedRows(verifier, name, counts, conformalBlind)
  return { rows, policies: [await policyEntry(verifier, name, conformal.policy({ ...rule, ...ratesOf(rows) }))] }
}

/** seededMargin() on the language model. */
async function tokens(progress: BenchContext['progress'], temperature: 0 | 1): Promise<QualityReport> {
  const { calibration, spread } = await calibrateTokens(progress, { temperature })
  const verifier = `verifier-statistical/seeded-margin${temperature === 0 ? ', temperature 0' : ''}`
  const rows = rowsOf(verifier, 'tiny-lm', calibration.report).map((row) => ({ ...row, spread: spread[row.set] }))
  return { rows, policies: [await calibratedEntry(verifier, 'tiny-lm', calibration)] }
}

/** twoSample() on the language model, with and without ranks. */
async function texts(progress: BenchContext['progress']): Promise<QualityReport> {
  const { runtime, ...counts } = await textCounts(progress)
  const rows: Row[] = []
  const policies: Policy[] = []
  for (const test of ['ranks', 'texts'] as const) {
    const verifier = `verifier-statistical/two-sample${test === 'ranks' ? '' : ', ranks: false'}`
    const own = uncalibratedRows(verifier, 'tiny-lm', counts[test], textsBlind)
    const pairs = [{ claimed: runtime, reference: runtime }]
    rows.push(...own)
    policies.push(
      await policyEntry(
        verifier,
        'tiny-lm',
        twoSample.policy({ ...textRule, ranks: test === 'ranks', pairs, ...ratesOf(own) }),
      ),
    )
  }
  return { rows, policies }
}

/** What the verifiers do not claim to see, by set: said before it is measured. */
const conformalBlind = Object.fromEntries(
  ['fp16', 'noise', 'misdeclared runtime'].map((set) => [set, 'may be as close as the runtimes are to each other']),
)
const textsBlind = Object.fromEntries(alike.map((set) => [set, 'the texts are too much alike']))

function uncalibratedRows(
  verifier: string,
  model: string,
  counts: { readonly [set: string]: Counts },
  blind: { readonly [set: string]: string },
): Row[] {
  return Object.entries(counts).map(([set, each]) => {
    const reason = blind[set]
    return { ...rowOf(verifier, model, set, each), ...(reason !== undefined && { blind: reason }) }
  })
}

/** What a policy says of its rates: its confidence is of the attacks that it is not blind for. */
function ratesOf(rows: readonly Row[]): Required<Pick<PolicyDocument, 'confidence' | 'errorRates'>> {
  const countsOf = ({ n, valid, invalid, inconclusive }: Row) => ({ n, valid, invalid, inconclusive })
  const honest = rows.find(({ set }) => set === 'honest')
  const attacks = rows.filter((row) => row !== honest)
  const seen = attacks.filter(({ blind }) => blind === undefined)
  if (!honest || seen.length === 0) throw new Error('nothing was measured')
  const toBasisPoints = (error: number) => Math.floor((1 - error) * 10_000)
  return {
    confidence: {
      valid: toBasisPoints(Math.max(...seen.map(({ n, valid }) => clopperPearson(valid, n).upper))),
      invalid: toBasisPoints(honest.upper95),
    },
    errorRates: {
      honest: countsOf(honest),
      attacks: Object.fromEntries(attacks.map((row) => [row.set, countsOf(row)])),
    },
  }
}

/** The first report, where the second has no rows and policies of the same verifier and model. */
export function mergeReports(before: unknown, measured: QualityReport): QualityReport {
  const { rows, policies } = v.parse(reportSchema, before)
  return { rows: replace(rows, measured.rows), policies: replace(policies, measured.policies) }
}

function replace<entry extends Pick<Row, 'verifier' | 'model'>>(before: readonly entry[], measured: readonly entry[]) {
  const groups = new Map<string, entry[]>()
  for (const entries of [before, measured]) {
    const isNew = new Set<string>()
    for (const entry of entries) {
      const key = JSON.stringify([entry.verifier, entry.model])
      // Keeps the place of those that it replaces.
      if (!isNew.has(key)) groups.set(key, [])
      isNew.add(key)
      groups.get(key)?.push(entry)
    }
  }
  return [...groups.values()].flat()
}

function rowOf(verifier: string, model: string, set: string, counts: Counts): Row {
  const errors = set.startsWith('honest') ? counts.invalid : counts.n - counts.invalid
  const { lower, upper } = clopperPearson(errors, counts.n)
  return { verifier, model, set, ...counts, lower95: lower, upper95: upper }
}

function rowsOf(verifier: string, model: string, { honest, attacks }: CalibrationReport): Row[] {
  const row = (set: string, { n, valid, invalid, inconclusive, bounds }: CalibrationReport['honest']): Row => ({
    ...{ verifier, model, set, n, valid, invalid, inconclusive, lower95: bounds.lower, upper95: bounds.upper },
  })
  return [
    row('honest', honest),
    ...Object.entries(attacks).map(([attack, rates]) => ({
      ...row(attack, rates),
      ...(!rates.isCovered && { blind: '1 % of it or more is within ten times what honest outputs differ by' }),
    })),
  ]
}

async function policyEntry(verifier: string, model: string, policy: PolicyDocument<IpldValue>): Promise<Policy> {
  return { verifier, model, policyDigest: (await encodePolicy(policy)).digest, policy }
}

async function calibratedEntry<parameters extends IpldValue>(
  verifier: string,
  model: string,
  { policy, report }: Calibration<parameters>,
): Promise<Policy> {
  const { thresholds, disagreement, noQuorum } = report
  const undetected: { [metric: string]: number } = {}
  for (const { scales, validBelow } of Object.values(thresholds))
    for (const [metric, scale] of Object.entries(scales))
      undetected[metric] = Math.max(undetected[metric] ?? 0, scale * validBelow)
  return { ...(await policyEntry(verifier, model, policy)), disagreement, noQuorum, undetected }
}
