import { lowerQuantile } from './quantile.ts'
import type { CalibrationSettings, Sample, SampleSet, Thresholds } from './types.ts'

/** Share of an attack that has to be above the gap for it to be covered. */
const coveredShare = 0.99

/**
 * The largest of metric / scale; beyond all bounds for a metric without a scale, which no honest output had.
 *
 * @example
 * scoreOf({ metrics: { maxAbs: 2e-6 } }, { maxAbs: 1e-6 }) // 2
 */
export function scoreOf({ metrics }: Pick<Sample, 'metrics'>, scales: Thresholds['scales']): number {
  let score = 0
  for (const [metric, value] of Object.entries(metrics)) {
    const scale = Object.hasOwn(scales, metric) ? scales[metric] : undefined
    score = Math.max(score, scale === undefined ? Number.MAX_VALUE : value / scale)
  }
  return score
}

/**
 * The verdict on distances: invalid over `invalidAbove`; inconclusive if blind, or over `validBelow`; otherwise valid.
 *
 * @example
 * verdictOf({ metrics: { maxAbs: 2e-6 } }, { scales: { maxAbs: 1e-6 }, validBelow: 5, invalidAbove: 10 }) // 'valid'
 */
export function verdictOf(
  sample: Pick<Sample, 'metrics' | 'isBlind'>,
  thresholds: Thresholds,
): 'valid' | 'invalid' | 'inconclusive' {
  const score = scoreOf(sample, thresholds.scales)
  if (score > thresholds.invalidAbove) return 'invalid'
  return sample.isBlind || score > thresholds.validBelow ? 'inconclusive' : 'valid'
}

export function groupBy<item>(items: readonly item[], keyOf: (item: item) => string): Map<string, item[]> {
  const groups = new Map<string, item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

/**
 * Thresholds of every pair, from the calibration split alone. Each metric is scaled by the largest honest value, so that
 * honest scores are at most 1. The threshold is midway, on a log scale, between 1 and the weakest attack that is covered:
 * one of which 99 % score over the gap; a factor of √2 to either side of it is inconclusive, so that rounding does not
 * divide honest operators.
 *
 * @returns Also which attacks are covered, under every pair that they were measured with.
 */
export function fit(
  { honest, attacks }: SampleSet,
  { floors, gap }: CalibrationSettings,
): { thresholds: { [pair: string]: Thresholds }; covered: Set<string> } {
  const covered = new Set(Object.keys(attacks))
  const weakest = new Map<string, Map<string, number>>()
  const scales = new Map<string, { [metric: string]: number }>()
  for (const [pair, samples] of groupBy(honest, ({ pair }) => pair)) {
    const largest = { ...floors }
    for (const { metrics } of samples)
      for (const [metric, value] of Object.entries(metrics)) largest[metric] = Math.max(largest[metric] ?? 0, value)
    scales.set(pair, largest)
    const scores = new Map<string, number>()
    for (const [attack, all] of Object.entries(attacks)) {
      const own = all.filter((sample) => sample.pair === pair)
      if (own.length === 0) continue
      // Too few to tell: the least of them bounds less than the share, and the test split will say by how much.
      const all99 = own.map((sample) => scoreOf(sample, largest))
      const least = lowerQuantile(all99, coveredShare) ?? Math.min(...all99)
      scores.set(attack, least)
      if (!(least >= gap)) covered.delete(attack)
    }
    weakest.set(pair, scores)
  }
  const thresholds: { [pair: string]: Thresholds } = {}
  for (const [pair, own] of scales) {
    const scores = [...(weakest.get(pair) ?? [])].filter(([attack]) => covered.has(attack)).map(([, score]) => score)
    // Without a covered attack in the pair: as far from honest outputs as the gap demands.
    const threshold = Math.sqrt(scores.length === 0 ? gap : Math.min(...scores))
    thresholds[pair] = { scales: own, validBelow: threshold / Math.SQRT2, invalidAbove: threshold * Math.SQRT2 }
  }
  return { thresholds, covered }
}
