import type { VerdictCounts } from '../payload/types.ts'
import { clopperPearson } from '../utils/clopperPearson.ts'
import { groupBy, scoreOf, verdictOf } from './fit.ts'
import type { CalibrationReport, CalibrationSettings, Rates, Sample, SampleSet, Thresholds } from './types.ts'

type ThresholdsByPair = { readonly [pair: string]: Thresholds }

const pointsOfCurve = 32

/** What the thresholds are worth, on samples that did not set them. */
export function measure(
  { honest, attacks }: SampleSet,
  thresholds: ThresholdsByPair,
  covered: ReadonlySet<string>,
  settings: CalibrationSettings,
): CalibrationReport {
  const honestRates = ratesOf(honest, thresholds, ['invalid', 'inconclusive', 'valid'], ['invalid'])
  const honestScores = scoresOf(honest, thresholds)
  const measured = Object.entries(attacks).map(([attack, samples]) => {
    const rates = ratesOf(samples, thresholds, ['valid', 'inconclusive', 'invalid'], ['valid', 'inconclusive'])
    const curve = rocOf(honestScores, scoresOf(samples, thresholds))
    return [attack, { ...rates, isCovered: covered.has(attack), ...curve }] as const
  })
  const misses = measured.filter(([, { isCovered }]) => isCovered)
  const validErrors = misses.map(([, { n, valid }]) => clopperPearson(valid, n).upper)
  const toBasisPoints = (error: number) => Math.floor((1 - error) * 10_000)
  return {
    thresholds,
    honest: honestRates,
    attacks: Object.fromEntries(measured),
    confidence: {
      // Of no attack it can tell there is nothing to be confident of.
      valid: toBasisPoints(validErrors.length === 0 ? 1 : Math.max(...validErrors)),
      invalid: toBasisPoints(honestRates.bounds.upper),
    },
    disagreement: disagreementOf(honest, thresholds),
    noQuorum: noQuorumOf(clopperPearson(honestRates.n - honestRates.valid, honestRates.n).upper, settings),
  }
}

/** Verdicts by unit: of several samples of one, the first in the order given that any has. */
function ratesOf(
  samples: readonly Sample[],
  thresholds: ThresholdsByPair,
  order: readonly (keyof Omit<VerdictCounts, 'n'>)[],
  errors: readonly (keyof Omit<VerdictCounts, 'n'>)[],
): Rates {
  const counts = { n: 0, valid: 0, invalid: 0, inconclusive: 0 }
  for (const own of groupBy(samples, ({ unit }) => unit).values()) {
    const verdicts = own.map((sample) => verdictOf(sample, thresholdsOf(sample, thresholds)))
    const worst = order.find((verdict) => verdicts.includes(verdict))
    if (worst === undefined) continue
    counts.n++
    counts[worst]++
  }
  const count = errors.reduce((sum, error) => sum + counts[error], 0)
  return { ...counts, errors: count, bounds: clopperPearson(count, counts.n) }
}

function thresholdsOf({ pair }: Sample, thresholds: ThresholdsByPair): Thresholds {
  const own = Object.hasOwn(thresholds, pair) ? thresholds[pair] : undefined
  if (!own) throw new RangeError(`no honest sample of the calibration split is of the pair ${pair}`)
  return own
}

function scoresOf(samples: readonly Sample[], thresholds: ThresholdsByPair): number[] {
  return samples.map((sample) => scoreOf(sample, thresholdsOf(sample, thresholds).scales))
}

/** The ROC curve of telling the second from the first by larger scores, and the area under it, ties counted half. */
function rocOf(honest: readonly number[], attack: readonly number[]): { auc: number; roc: [number, number][] } {
  const all = [
    ...honest.map((score) => ({ score, isAttack: false })),
    ...attack.map((score) => ({ score, isAttack: true })),
  ]
  all.sort((a, b) => b.score - a.score)
  let [falsePositives, truePositives, area] = [0, 0, 0]
  const points: [number, number][] = [[0, 0]]
  for (let index = 0; index < all.length; ) {
    const before = { falsePositives, truePositives }
    const { score } = all[index] ?? { score: 0 }
    for (; all[index]?.score === score; index++) {
      if (all[index]?.isAttack) truePositives++
      else falsePositives++
    }
    area += ((falsePositives - before.falsePositives) * (truePositives + before.truePositives)) / 2
    points.push([falsePositives / honest.length, truePositives / attack.length])
  }
  const step = Math.max(1, Math.ceil(points.length / pointsOfCurve))
  const roc = points.filter((_, index) => index % step === 0 || index === points.length - 1)
  return { auc: area / (honest.length * attack.length), roc }
}

function disagreementOf(honest: readonly Sample[], thresholds: ThresholdsByPair): CalibrationReport['disagreement'] {
  let [n, count] = [0, 0]
  for (const samples of groupBy(honest, ({ unit }) => unit).values()) {
    const byPair = groupBy(samples, ({ pair }) => pair)
    if (byPair.size < 2) continue
    n++
    if (new Set(samples.map((sample) => verdictOf(sample, thresholdsOf(sample, thresholds)))).size > 1) count++
  }
  return { n, count, upper: n === 0 ? null : clopperPearson(count, n).upper }
}

/** That the operators who say valid, each at random, have less than the quorum of the weight. */
function noQuorumOf(rate: number, { weights, quorumBps }: CalibrationSettings): CalibrationReport['noQuorum'] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let independent = 0
  for (let subset = 0; subset < 2 ** weights.length; subset++) {
    let [weight, probability] = [0, 1]
    for (const [index, each] of weights.entries()) {
      const saysValid = (subset >> index) & 1
      if (saysValid) weight += each
      probability *= saysValid ? 1 - rate : rate
    }
    if (weight * 10_000 < total * quorumBps) independent += probability
  }
  // Markov: the weight that does not say valid has mean `rate`, and prevents a quorum from 1 − quorum on.
  const any = quorumBps === 10_000 ? Math.min(1, rate * weights.length) : Math.min(1, rate / (1 - quorumBps / 10_000))
  return { independent, any }
}
