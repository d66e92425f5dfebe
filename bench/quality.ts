import type { Calibration, CalibrationReport } from '@proof-of-inference/sdk/calibration'
import { clopperPearson } from '@proof-of-inference/sdk/calibration'
import { encodePolicy, type IpldValue } from '@proof-of-inference/sdk/payload'
import type { BenchContext } from './main.ts'
import { calibrateModel } from './quality/calibrateModel.ts'
import { benchModels } from './quality/models.ts'

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

/** Error rates of every verifier on every model under every attack. */
export async function quality({ progress }: BenchContext): Promise<QualityReport> {
  const rows: Row[] = []
  const policies: QualityReport['policies'][number][] = []
  for (const [name, create] of Object.entries(benchModels)) {
    const { calibrations, exact, lies } = await calibrateModel(await create(), progress)
    for (const [set, counts] of Object.entries(exact)) {
      const isHonest = set.startsWith('honest')
      const errors = isHonest ? counts.invalid : counts.n - counts.invalid
      const { lower, upper } = clopperPearson(errors, counts.n)
      const isUnlisted = isHonest && counts.inconclusive === counts.n
      rows.push({
        ...{ verifier: 'verifier-exact', model: name, set, ...counts, lower95: lower, upper95: upper },
        ...(isUnlisted && { blind: 'the policy has no tolerance for the runtime' }),
      })
    }
    const bounds = clopperPearson(lies.invalid, lies.n)
    rows.push({
      ...{ verifier: 'verifier-crossval', model: name, set: 'honest, a panellist lies', ...lies },
      ...{ lower95: bounds.lower, upper95: bounds.upper },
    })
    for (const [verifier, calibration] of Object.entries(calibrations)) {
      rows.push(...rowsOf(`verifier-${verifier}`, name, calibration.report))
      policies.push(await policyOf(`verifier-${verifier}`, name, calibration))
    }
  }
  return { rows, policies }
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

async function policyOf(verifier: string, model: string, { policy, report }: Calibration<IpldValue>) {
  const { confidence, thresholds, disagreement, noQuorum } = report
  const undetected: { [metric: string]: number } = {}
  for (const { scales, validBelow } of Object.values(thresholds))
    for (const [metric, scale] of Object.entries(scales))
      undetected[metric] = Math.max(undetected[metric] ?? 0, scale * validBelow)
  const policyDigest = (await encodePolicy(policy)).digest
  return { verifier, model, policyDigest, confidence, thresholds, disagreement, noQuorum, undetected }
}
