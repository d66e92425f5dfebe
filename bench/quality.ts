import type { Calibration, CalibrationReport } from '@proof-of-inference/sdk/calibration'
import { clopperPearson } from '@proof-of-inference/sdk/calibration'
import { encodePolicy, type IpldValue } from '@proof-of-inference/sdk/payload'
import type { BenchContext } from './main.ts'
import { calibrateModel } from './quality/calibrateModel.ts'
import type { Counts } from './quality/collect.ts'
import { conformalCounts } from './quality/conformal.ts'
import { benchModels } from './quality/models.ts'
import { textCounts } from './quality/texts.ts'
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
  /** Of all tokens: how many are not the reference's, and the largest margin in logits. */
  readonly spread?: Spread | undefined
}

export type QualityReport = {
  readonly rows: readonly Row[]
  readonly policies: readonly {
    readonly verifier: string
    readonly model: string
    readonly policyDigest: string
    readonly confidence: CalibrationReport['confidence']
    readonly thresholds: CalibrationReport['thresholds']
    readonly disagreement: CalibrationReport['disagreement']
    readonly noQuorum: CalibrationReport['noQuorum']
    /** What an attacker who knows the thresholds can move each metric by and be found valid: the most of any pair. */
    readonly undetected: { readonly [metric: string]: number }
  }[]
}

/** What can be measured alone: `npm run bench -- quality tokens texts`. */
const parts = { tensors, conformal, tokens, texts } as const satisfies {
  [part: string]: (progress: BenchContext['progress']) => Promise<QualityReport>
}

/** Error rates of every verifier on every model under every attack. */
export async function quality({ progress, parts: wanted }: BenchContext): Promise<QualityReport> {
  const unknown = wanted.find((part) => !Object.hasOwn(parts, part))
  if (unknown !== undefined) throw new Error(`quality has the parts ${Object.keys(parts).join(', ')}, not ${unknown}`)
  const reports: QualityReport[] = []
  for (const [name, measure] of Object.entries(parts))
    if (wanted.length === 0 || wanted.includes(name)) reports.push(await measure(progress))
  return { rows: reports.flatMap(({ rows }) => rows), policies: reports.flatMap(({ policies }) => policies) }
}

/** verifier-exact, -cosine and -crossval on models that answer with tensors. */
async function tensors(progress: BenchContext['progress']): Promise<QualityReport> {
  const rows: Row[] = []
  const policies: QualityReport['policies'][number][] = []
  for (const [name, create] of Object.entries(benchModels)) {
    const { calibrations, exact, lies } = await calibrateModel(await create(), progress)
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
      policies.push(await policyOf(`verifier-${verifier}`, name, calibration))
    }
  }
  return { rows, policies }
}

/** conformal() on the same models. */
async function conformal(progress: BenchContext['progress']): Promise<QualityReport> {
  const rows: Row[] = []
  for (const [name, create] of Object.entries(benchModels)) {
    const counts = await conformalCounts(await create(), progress)
    rows.push(...Object.entries(counts).map(([set, each]) => rowOf('verifier-statistical/conformal', name, set, each)))
  }
  return { rows, policies: [] }
}

/** seededMargin() on the language model. */
async function tokens(progress: BenchContext['progress']): Promise<QualityReport> {
  const { calibration, spread } = await calibrateTokens(progress)
  const verifier = 'verifier-statistical/seeded-margin'
  const rows = rowsOf(verifier, 'tiny-lm', calibration.report).map((row) => ({ ...row, spread: spread[row.set] }))
  return { rows, policies: [await policyOf(verifier, 'tiny-lm', calibration)] }
}

/** twoSample() on the language model, with and without ranks. */
async function texts(progress: BenchContext['progress']): Promise<QualityReport> {
  const { ranks, texts } = await textCounts(progress)
  const verifier = 'verifier-statistical/two-sample'
  return {
    rows: [
      ...Object.entries(ranks).map(([set, counts]) => rowOf(verifier, 'tiny-lm', set, counts)),
      ...Object.entries(texts).map(([set, counts]) => rowOf(`${verifier}, ranks: false`, 'tiny-lm', set, counts)),
    ],
    policies: [],
  }
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

async function policyOf<parameters extends IpldValue>(
  verifier: string,
  model: string,
  { policy, report }: Calibration<parameters>,
) {
  const { confidence, thresholds, disagreement, noQuorum } = report
  const undetected: { [metric: string]: number } = {}
  for (const { scales, validBelow } of Object.values(thresholds))
    for (const [metric, scale] of Object.entries(scales))
      undetected[metric] = Math.max(undetected[metric] ?? 0, scale * validBelow)
  const policyDigest = (await encodePolicy(policy)).digest
  return { verifier, model, policyDigest, confidence, thresholds, disagreement, noQuorum, undetected }
}
