// Entries `/verifier`, `/runner`, `/runner/*` and `/calibration`.
import * as v from 'valibot'
import type { Hex } from 'viem'
import { expectTypeOf } from 'vitest'
import * as calibration from '../../src/exports/calibration.ts'
import { workerRunner } from '../../src/exports/node.ts'
import type { BatchSampling, EncodedPayload, InferenceOutput, ModelManifest } from '../../src/exports/payload.ts'
import { onnx } from '../../src/exports/runner/onnx.ts'
import { onnxNode } from '../../src/exports/runner/onnx-node.ts'
import { openai } from '../../src/exports/runner/openai.ts'
import { subprocess } from '../../src/exports/runner/subprocess.ts'
import { transformers, transformersWeights } from '../../src/exports/runner/transformers.ts'
import * as runners from '../../src/exports/runner.ts'
import * as verifier from '../../src/exports/verifier.ts'
import {
  address,
  type attestation,
  bytes,
  deployment,
  hash,
  input,
  manifest,
  output,
  payloads,
  policy,
  reader,
  runner,
  signal,
} from './stage.ts'

// A verifier's policy is inferred from its schema, and the job from its scope.
const item = verifier.defineVerifier({
  name: '@acme/rubric',
  revision: 1,
  scope: 'item',
  requires: ['run'],
  policy: v.strictObject({ tolerance: v.number(), mode: v.picklist(['strict', 'loose']) }),
  async verify({ claimed, policy }, context) {
    expectTypeOf(claimed).toEqualTypeOf<InferenceOutput>()
    expectTypeOf(policy).toEqualTypeOf<{ tolerance: number; mode: 'strict' | 'loose' }>()
    expectTypeOf(context.runner('judge')).resolves.toEqualTypeOf<runners.Runner>()
    return policy.mode === 'strict' ? verifier.invalid() : verifier.valid()
  },
})
expectTypeOf(item).toEqualTypeOf<verifier.ItemVerifier<{ tolerance: number; mode: 'strict' | 'loose' }>>()
const batch = verifier.defineVerifier({
  name: '@acme/spread',
  revision: 1,
  scope: 'batch',
  requires: [],
  policy: v.strictObject({ least: v.number() }),
  verify({ batch: { size }, policy: { least } }) {
    expectTypeOf(size).toEqualTypeOf<number>()
    return size < least ? verifier.inconclusive({ reason: 'too few' }) : verifier.valid({ metrics: { size } })
  },
})
expectTypeOf(batch).toEqualTypeOf<verifier.BatchVerifier<{ least: number }>>()
expectTypeOf(verifier.defineVerifier).toBeFunction()
verifier.defineVerifier({
  ...{ name: '@acme/rubric', revision: 1, scope: 'item', policy: v.strictObject({}), verify: () => verifier.valid() },
  // @ts-expect-error a runner runs or scores
  requires: ['guess'],
})
expectTypeOf(verifier.verifierRegistry([item, batch]).get(hash)).toEqualTypeOf<verifier.Verifier>()
expectTypeOf(verifier.methodId(item)).toEqualTypeOf<Hex>()

expectTypeOf(verifier.valid({ metrics: { worst: 0 } })).toEqualTypeOf<verifier.Verdict>()
expectTypeOf(verifier.invalid({ reason: 'another length' })).toEqualTypeOf<verifier.Verdict>()
expectTypeOf(verifier.inconclusive).returns.toEqualTypeOf<verifier.Verdict>()
// @ts-expect-error metrics are numbers
verifier.valid({ metrics: { worst: '0' } })
expectTypeOf<verifier.Verdict['status']>().toEqualTypeOf<'valid' | 'invalid' | 'inconclusive'>()

const job = { requestId: hash, jobId: hash, manifest, policy, input, claimed: output }
const registry = runners.runnerRegistry({ runners: [onnx()], payloads })
expectTypeOf(runners.runnerRegistry).returns.toEqualTypeOf(registry)
expectTypeOf(registry).toEqualTypeOf<runners.RunnerRegistry>()
const context = verifier.createVerificationContext({
  ...{ job, operator: address, operatorSalt: hash, runners: registry, payloads, signal },
})
expectTypeOf(verifier.createVerificationContext).returns.toExtend<verifier.VerificationContext>()
expectTypeOf(context.dispose()).resolves.toBeVoid()
const result = await verifier.runVerifier(item, job, context, { timeout: 1_000 })
expectTypeOf(verifier.runVerifier).returns.resolves.toEqualTypeOf<verifier.VerificationResult>()
if (!result.abstain) expectTypeOf(result.evidence).toEqualTypeOf<EncodedPayload>()
// @ts-expect-error whoever abstains has no confidence
if (result.abstain) result.confidence

expectTypeOf(verifier.createRandom(hash, 'permutations')).toEqualTypeOf<verifier.Random>()
expectTypeOf(
  verifier.batchSampling({ itemErrorUpper: 0.01, itemMissUpper: 0.1, alpha: 0.01, cheatFraction: 0.5, power: 0.99 }),
).toEqualTypeOf<BatchSampling>()
expectTypeOf(verifier.sampleBatch({ operatorSalt: hash, size: 10, sample: 2 })).toEqualTypeOf<number[]>()
expectTypeOf(verifier.decodeEvidence(bytes)).toEqualTypeOf<verifier.Evidence>()
const votes = [{ requestId: hash, operator: address, evidenceDigest: hash, mine: true }]
expectTypeOf(verifier.findCopiedEvidence(votes)).toEqualTypeOf<(typeof votes)[]>()
expectTypeOf(verifier.auditEvidence)
  .parameter(0)
  .toEqualTypeOf(reader as Parameters<typeof verifier.auditEvidence>[0])
expectTypeOf(verifier.auditEvidence)
  .parameter(1)
  .toHaveProperty('attestation')
  .toExtend<Pick<typeof attestation, 'requestId' | 'operator' | 'evidenceDigest'>>()
expectTypeOf(verifier.auditEvidence).returns.resolves.toEqualTypeOf<verifier.EvidenceAudit>()
expectTypeOf(deployment).toExtend<Parameters<typeof verifier.auditEvidence>[1]['deployment']>()

// Runners
const defined = runners.defineRunner({
  ...{ name: 'acme', formats: ['acme'], supports: () => true },
  async load({ manifest, weights, signal }) {
    expectTypeOf(manifest).toEqualTypeOf<ModelManifest>()
    expectTypeOf(weights).toEqualTypeOf<Uint8Array>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal | undefined>()
    return runner
  },
})
expectTypeOf(runners.defineRunner).returns.toEqualTypeOf<runners.RunnerFactory>()
expectTypeOf(defined).toEqualTypeOf<runners.RunnerFactory>()
expectTypeOf(onnx({ threads: 1, optimization: 'all' })).toEqualTypeOf<runners.RunnerFactory>()
expectTypeOf(onnxNode({ tokenizers: [runners.byteTokenizer] })).toEqualTypeOf<runners.RunnerFactory>()
expectTypeOf(
  openai({ baseUrl: '', runtime: { engine: 'vllm', version: '1', provider: 'cuda' } }),
).toEqualTypeOf<runners.RunnerFactory>()
expectTypeOf(subprocess({ command: 'python3', formats: ['gguf'] })).toEqualTypeOf<runners.RunnerFactory>()
expectTypeOf(transformers({ folders: ['models'] })).toEqualTypeOf<runners.RunnerFactory>()
expectTypeOf(transformersWeights('models', { task: 'text-generation' }))
  .resolves.toHaveProperty('weights')
  .toEqualTypeOf<ModelManifest['weights']>()
// @ts-expect-error no such task
transformersWeights('models', { task: 'translation' })
expectTypeOf(workerRunner({ module: new URL('file:///runner.js') })).resolves.toEqualTypeOf<runners.RunnerFactory>()
expectTypeOf(runners.parseCompletion(input)).toEqualTypeOf<runners.Completion | undefined>()
expectTypeOf(runners.gumbelNoise(1, 0, 10)).toExtend<Float64Array>()
expectTypeOf(runners.naturalLog(2)).toEqualTypeOf<number>()
expectTypeOf(runners.sampleToken(new Float32Array(2), { temperature: 0 })).toEqualTypeOf<number>()
const scores = {} as runners.PositionScores
if (scores.kind === 'topK') expectTypeOf(scores.logprobs).toExtend<Float32Array>()

// Calibration: the parameters of the policy are those that `build` gives.
const set = { honest: [], attacks: {}, floors: { mean: 1e-6 } }
const build = ({ confidence }: calibration.Calibrated) => ({ ...policy, parameters: { cap: 1 }, confidence })
expectTypeOf(calibration.calibrate({ ...set, build })).resolves.toEqualTypeOf<
  calibration.Calibration<{ cap: number }>
>()
expectTypeOf(calibration.recalibrate({ policy, payloads, build })).resolves.toEqualTypeOf<
  calibration.Calibration<{ cap: number }>
>()
expectTypeOf(calibration.scoreOf({ metrics: { mean: 1 } }, { mean: 2 })).toEqualTypeOf<number>()
expectTypeOf(calibration.verdictOf({ metrics: {} }, { scales: {}, validBelow: 1, invalidAbove: 2 })).toEqualTypeOf<
  'valid' | 'invalid' | 'inconclusive'
>()
expectTypeOf(
  calibration.measureTensors({}, {}, { nearZero: 1e-6, saturation: {} }),
).toEqualTypeOf<calibration.Measurement>()
expectTypeOf(calibration.tensorFloors(['logits'])).toEqualTypeOf<{ [metric: string]: number }>()
expectTypeOf(calibration.conformalPValue([1], 2)).toEqualTypeOf<number>()
expectTypeOf(calibration.lowerQuantile([1], 0.5)).toEqualTypeOf<number | undefined>()
expectTypeOf(calibration.upperQuantile([1], 0.5)).toEqualTypeOf<number | undefined>()
expectTypeOf(calibration.clopperPearson(1, 10)).toEqualTypeOf<calibration.Bounds>()
