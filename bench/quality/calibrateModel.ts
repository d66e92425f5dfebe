import {
  type CalibrateParameters,
  type Calibration,
  calibrate,
  type Sample,
  tensorFloors,
  verdictOf,
} from '@proof-of-inference/sdk/calibration'
import {
  decode,
  type EncodedPayload,
  encodeManifest,
  type IpldValue,
  runtimeClass,
} from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { cosine } from '@proof-of-inference/verifier-cosine'
import { crossval } from '@proof-of-inference/verifier-crossval'
import * as v from 'valibot'
import { type Collected, type Counts, collect } from './collect.ts'
import type { BenchModel } from './models.ts'

/** Share of the inputs that set thresholds; the rest measures them. */
const share = 0.3

export type CalibratedModel = {
  readonly calibrations: { readonly cosine: Calibration<IpldValue>; readonly crossval: Calibration<IpldValue> }
  /** What `recalibrate` builds the policies with. */
  readonly builds: { readonly [verifier in 'cosine' | 'crossval']: CalibrateParameters<IpldValue>['build'] }
  /** The panel's manifests, which the policy of crossval names by digest. */
  readonly panelManifests: readonly EncodedPayload[]
  readonly exact: Collected['exact']
  /** Of crossval on honest outputs, while a panellist lies. */
  readonly lies: Counts
}

/** Runs a model on its inputs, honestly and not, and calibrates the verifiers that are. */
export async function calibrateModel(model: BenchModel, progress: (message: string) => void): Promise<CalibratedModel> {
  const collected = await collect(model, progress)
  const { builds, panelManifests } = await buildsOf(model, collected.runtimes)
  const common = { floors: tensorFloors(model.outputs, model.magnitude), share }
  const crossvalCalibration = await calibrate<IpldValue>({ ...collected.crossval, ...common, build: builds.crossval })
  return {
    calibrations: {
      cosine: await calibrate<IpldValue>({ ...collected.cosine, ...common, build: builds.cosine }),
      crossval: crossvalCalibration,
    },
    builds,
    panelManifests,
    exact: collected.exact,
    lies: countLies(collected.lies, crossvalCalibration),
  }
}

/** Verdicts on honest outputs of the untouched split while a panellist lied: of each unit the worst. */
function countLies(lies: readonly Sample[], calibration: Calibration<IpldValue>): Counts {
  const { report } = calibration
  const untouched = untouchedUnits(calibration)
  const worst = new Map<string, 'valid' | 'invalid' | 'inconclusive'>()
  const order = ['valid', 'inconclusive', 'invalid'] as const
  for (const sample of lies) {
    const thresholds = report.thresholds[sample.pair]
    if (!untouched.has(sample.unit) || !thresholds) continue
    const verdict = verdictOf(sample, thresholds)
    const before = worst.get(sample.unit) ?? 'valid'
    worst.set(sample.unit, order.indexOf(verdict) > order.indexOf(before) ? verdict : before)
  }
  const counts = { n: worst.size, valid: 0, invalid: 0, inconclusive: 0 }
  for (const verdict of worst.values()) counts[verdict]++
  return counts
}

/** The units that set no threshold. */
export function untouchedUnits({ payloads }: Pick<Calibration<IpldValue>, 'payloads'>): ReadonlySet<string> {
  return new Set(v.parse(unitsOfSet, decode(payloads.testSet.bytes)).honest.map(({ unit }) => unit))
}

const unitsOfSet = v.object({ honest: v.array(v.object({ unit: v.string() })) })

/** The panel is the model on three runtimes, under a manifest for each that allows no other. */
export async function buildsOf(
  model: BenchModel,
  runtimes: readonly Pick<Runner, 'fingerprint'>[],
  weights: readonly number[] = [1, 1, 1],
) {
  const panel = []
  const panelManifests: EncodedPayload[] = []
  for (const [index, { fingerprint }] of runtimes.slice(0, 3).entries()) {
    const { weightsDigest: _, ...profile } = fingerprint
    const manifest = await encodeManifest({ ...model.manifest, runtimes: [profile] })
    if (index > 0) panelManifests.push(manifest)
    panel.push({
      ...{ role: index === 0 ? 'model' : `runtime-${index + 1}`, weight: weights[index] ?? Number.NaN },
      runtime: runtimeClass(fingerprint),
      ...(index > 0 && { manifest: manifest.digest }),
    })
  }
  const builds = {
    cosine: cosine.calibrated(model.measuring),
    crossval: crossval.calibrated({ ...model.measuring, panel }),
  }
  return { builds, panelManifests }
}
