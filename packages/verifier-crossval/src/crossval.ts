import {
  type Measurement,
  type MeasureOptions,
  measureTensors,
  scoreOf,
  verdictOf,
} from '@proof-of-inference/sdk/calibration'
import { encodeOutput, type InferenceOutput, type IpldValue, runtimeClass } from '@proof-of-inference/sdk/payload'
import {
  defineVerifier,
  type ItemVerifier,
  inconclusive,
  invalid,
  VerifierFailedError,
  valid,
} from '@proof-of-inference/sdk/verifier'
import { type Answer, bytesOf, findConsensus } from './consensus.ts'
import {
  type ClaimThresholds,
  type CrossvalParameters,
  crossvalCalibrated,
  crossvalParameters,
  crossvalPolicy,
  name,
  revision,
} from './policy.ts'

/**
 * Verifies by asking a panel of models or runtimes: the claimed output must be as close to the weighted median of what
 * they say as the policy allows. No panellist has half of the weight, and scales are frozen by calibration, so that one
 * that lies moves the median no further than the others differ. Texts and structured values must be those of a majority.
 *
 * A panellist that fails, or cannot be run, throws: operators whose panels differ would not agree.
 *
 * @example
 * const operator = createOperator({ client, deployment, payloads, store, verifiers: [crossval()], runners: [onnx()] })
 */
export function crossval(): ItemVerifier<CrossvalParameters> {
  return defineVerifier<CrossvalParameters>({
    name,
    revision,
    scope: 'item',
    requires: ['run'],
    policy: crossvalParameters,
    async verify({ claimed, input, manifest, policy: parameters }, context) {
      const { digest } = manifest.weights
      if (claimed.runtime.weightsDigest !== digest)
        return invalid({
          reason: 'the output claims other weights than the model has',
          evidence: { claimedWeights: claimed.runtime.weightsDigest, weights: digest },
        })
      const claimedClass = runtimeClass(claimed.runtime)
      const claim = parameters.claims.find((each) => each.claimed === claimedClass)
      if (!claim)
        return inconclusive({
          reason: `the policy has no thresholds for ${claimedClass}`,
          evidence: { claimed: claimedClass },
        })

      const { panel } = parameters
      const runners = await Promise.all(panel.map(({ role }) => context.runner(role)))
      for (const [index, { role, runtime }] of panel.entries()) {
        const runner = runners[index]
        const actual = runner && runtimeClass(runner.fingerprint)
        if (actual !== runtime)
          return inconclusive({
            reason: `${role} runs on ${actual} here, the policy asks for ${runtime}`,
            evidence: null,
          })
        if (!runner?.deterministic) return inconclusive({ reason: `${role} is not deterministic`, evidence: null })
      }

      // When one fails, the others need not go on.
      const end = new AbortController()
      const signal = AbortSignal.any([context.signal, end.signal])
      const outputs = await Promise.all(runners.map((runner) => runner.run(input, { signal }))).finally(() =>
        end.abort(),
      )
      const answers: Answer[] = []
      const evidence: { [role: string]: IpldValue } = {}
      for (const [index, { role, weight }] of panel.entries()) {
        const [output, runner] = [outputs[index], runners[index]]
        if (!output || !runner || !isBy(output, runner.fingerprint))
          throw new VerifierFailedError({
            verifier: `${name}@${revision}`,
            reason: `the output of ${role} was not made by the runtime that the runner says`,
          })
        answers.push({ output, weight })
        evidence[role] = (await encodeOutput(output)).digest
      }
      const measured = measure(claimed, answers, parameters)
      return judge(measured, claim, { panel: evidence })
    },
  })
}

/** Builds policies. */
crossval.policy = crossvalPolicy
/** Builds policies from what `calibrate` finds. */
crossval.calibrated = crossvalCalibrated
/** Measures samples for `calibrate`. */
crossval.measure = measure

/**
 * Distances of a claimed output from what a panel says.
 *
 * @example
 * crossval.measure(claimed, [{ output: a, weight: 1 }, { output: b, weight: 1 }, { output: c, weight: 1 }], options)
 */
function measure(claimed: InferenceOutput, answers: readonly Answer[], options: MeasureOptions): Measurement {
  const consensus = findConsensus(answers)
  if (!consensus) return { unusable: 'the panel has no majority' }
  if (claimed.type !== consensus.type)
    return { mismatch: `the output is of type ${claimed.type}, the panel's of ${consensus.type}` }
  if (claimed.type === 'tensors' && consensus.type === 'tensors')
    return measureTensors(claimed.tensors, consensus.tensors, options)
  if (claimed.type === 'tensors' || consensus.type === 'tensors') return { unusable: 'the panel has no majority' }
  const bytes = bytesOf(claimed)
  const isSame =
    bytes.length === consensus.bytes.length && bytes.every((byte, index) => byte === consensus.bytes[index])
  return isSame ? { metrics: {} } : { mismatch: 'most of the panel says otherwise' }
}

function judge(measured: Measurement, claim: ClaimThresholds, evidence: { readonly [key: string]: IpldValue }) {
  // What the panellists said is not in the claimed output.
  if ('mismatch' in measured) return invalid({ reason: measured.mismatch, evidence })
  if ('unusable' in measured) return inconclusive({ reason: measured.unusable, evidence })
  const { metrics, blind } = measured
  const unscaled = Object.keys(metrics).find((metric) => !Object.hasOwn(claim.scales, metric))
  if (unscaled !== undefined) return inconclusive({ reason: `the policy has no scale for ${unscaled}`, evidence })
  const findings = { metrics: { ...metrics, score: scoreOf({ metrics }, claim.scales) }, evidence }
  const verdict = verdictOf({ metrics, isBlind: blind !== undefined }, claim)
  if (verdict === 'invalid')
    return invalid({ ...findings, reason: 'the output is too far from the panel', provesWork: true })
  if (blind !== undefined) return inconclusive({ ...findings, reason: `there is nothing to measure: ${blind}` })
  if (verdict === 'inconclusive')
    return inconclusive({ ...findings, reason: 'the distance is between validBelow and invalidAbove' })
  return valid(findings)
}

function isBy({ runtime }: InferenceOutput, fingerprint: InferenceOutput['runtime']): boolean {
  return runtime.weightsDigest === fingerprint.weightsDigest && runtimeClass(runtime) === runtimeClass(fingerprint)
}
