import type { Digest, EncodedPayload, PolicyDocument, VerdictCounts } from '../payload/types.ts'
import type { Bounds } from '../utils/clopperPearson.ts'

/** Distances of one output from the reference's. */
export type Sample = {
  /** What it is independent of the others by: the clip, document or prompt that the input was taken from. */
  readonly unit: string
  /** The runtimes, or whatever else thresholds are taken for one by one. */
  readonly pair: string
  /** Each at least 0, the larger the further from honest; a metric that is not defined for it is left out. */
  readonly metrics: { readonly [metric: string]: number }
  /** Whether the output gives the verifier nothing to measure, so that it abstains unless a metric is too large. */
  readonly isBlind?: boolean
}

/** Samples that were measured on honest outputs, and on those of each attack. */
export type SampleSet = {
  readonly honest: readonly Sample[]
  readonly attacks: { readonly [attack: string]: readonly Sample[] }
}

/** What a calibration is made with besides the samples. */
export type CalibrationSettings = {
  /** Least scale of each metric: what honest outputs may differ by though none in the set did. Over 0. */
  readonly floors: { readonly [metric: string]: number }
  /** Times the largest honest score that an attack has to reach to be covered. Default 10. */
  readonly gap: number
  /** Stake of the operators, for the probability of no quorum. Default [50, 30, 20]. */
  readonly weights: readonly number[]
  /** Basis points of the weight that a verdict needs. Default 6667. */
  readonly quorumBps: number
}

/** Thresholds of a pair: the score is the largest of metric / scale. */
export type Thresholds = {
  readonly scales: { readonly [metric: string]: number }
  /** Scores up to it are valid. */
  readonly validBelow: number
  /** Scores over it are invalid; between the two the verifier abstains. */
  readonly invalidAbove: number
}

/** How often a verdict came out on a set of independent units, with one-sided 95 % bounds of the wrong verdict's rate. */
export type Rates = VerdictCounts & {
  /** Of honest units: those with an invalid verdict. Of attacks: those with a valid or inconclusive one. */
  readonly errors: number
  readonly bounds: Bounds
}

/** What a calibration found, all of it but the thresholds on the untouched split. */
export type CalibrationReport = {
  readonly thresholds: { readonly [pair: string]: Thresholds }
  readonly honest: Rates
  readonly attacks: {
    readonly [attack: string]: Rates & {
      /** Whether the calibration split tells it from honest outputs by the gap: confidence speaks of these only. */
      readonly isCovered: boolean
      /** Area under the ROC curve. */
      readonly auc: number
      /** The curve: shares of honest and attack samples above falling thresholds, at most 33 points. */
      readonly roc: readonly (readonly [falsePositives: number, truePositives: number])[]
    }
  }
  /** Basis points: 1 − the upper bound of the verdict's error; for `valid` over the covered attack it is largest for. */
  readonly confidence: { readonly valid: number; readonly invalid: number }
  /** Of honest units that were measured under several pairs: how often two operators, one on each, disagree. */
  readonly disagreement: { readonly n: number; readonly count: number; readonly upper: number | null }
  /** Probability that honest work finds no quorum. */
  readonly noQuorum: {
    /** If operators err independently, each at the upper bound of the rate of verdicts that are not valid. */
    readonly independent: number
    /** Bound under any dependence: that rate over the share of the weight that suffices to prevent a quorum. */
    readonly any: number
  }
}

/** A calibration, ready to publish. */
export type Calibration<parameters> = {
  readonly policy: PolicyDocument<parameters>
  readonly report: CalibrationReport
  /** What the policy names by digest: the samples that set the thresholds, the untouched ones, and the report. */
  readonly payloads: {
    readonly calibrationSet: EncodedPayload
    readonly testSet: EncodedPayload
    readonly report: EncodedPayload
  }
}

/** What a verifier's package makes a policy of. */
export type Calibrated = Pick<CalibrationReport, 'thresholds' | 'confidence'> & {
  readonly errorRates: NonNullable<PolicyDocument['errorRates']>
  readonly calibration: { readonly calibrationSet: Digest; readonly testSet: Digest; readonly report: Digest }
}
