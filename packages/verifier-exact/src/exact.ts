import {
  encodeOutput,
  type InferenceOutput,
  type RuntimeFingerprint,
  runtimeClass,
  type TextOutput,
} from '@proof-of-inference/sdk/payload'
import {
  defineVerifier,
  type ItemVerifier,
  inconclusive,
  invalid,
  type Verdict,
  VerifierFailedError,
  valid,
} from '@proof-of-inference/sdk/verifier'
import { type Comparison, compareTensors, compareTexts, compareTokenIds, compareValues } from './compare.ts'
import { type ExactParameters, exactParameters, exactPolicy, name, revision, runtimeUnicode } from './policy.ts'

/**
 * Verifies by running the model again: the claimed output must equal the reference's, bit for bit where both runtimes
 * are of one class, within the policy's tolerance where the policy has one for the pair. Other pairs are inconclusive.
 *
 * Build its policies with `exact.policy`. A reference that fails throws; it never judges.
 *
 * @example
 * const operator = createOperator({ client, deployment, payloads, store, verifiers: [exact()], runners: [onnx()] })
 */
export function exact(): ItemVerifier<ExactParameters> {
  return defineVerifier<ExactParameters>({
    name,
    revision,
    scope: 'item',
    requires: ['run'],
    policy: exactParameters,
    async verify({ claimed, input, manifest, policy: parameters }, context) {
      const { digest } = manifest.weights
      if (claimed.runtime.weightsDigest !== digest)
        return invalid({
          reason: 'the output claims other weights than the model has',
          evidence: { claimedWeights: claimed.runtime.weightsDigest, weights: digest },
        })

      const runner = await context.runner()
      const { fingerprint } = runner
      if (fingerprint.weightsDigest !== digest) throw failed('the reference runner holds other weights than the model')
      const classes = { claimed: runtimeClass(claimed.runtime), reference: runtimeClass(fingerprint) }
      const tolerance = parameters.tolerances.find(
        (pair) => pair.claimed === classes.claimed && pair.reference === classes.reference,
      )
      if (classes.claimed !== classes.reference && !tolerance)
        return inconclusive({
          reason: `the policy has no tolerance for ${classes.claimed} against ${classes.reference}`,
          evidence: classes,
        })
      if (!runner.deterministic)
        return inconclusive({ reason: 'the reference runner is not deterministic', evidence: classes })

      const reference = await runner.run(input, { signal: context.signal })
      if (!isSameRuntime(reference.runtime, fingerprint))
        throw failed('the reference output was not made by the runtime that the runner says')
      const evidence = { reference: (await encodeOutput(reference)).digest, runtime: fingerprint }
      const comparison = compare(claimed, reference, parameters, tolerance)
      if ('inconclusive' in comparison) return inconclusive({ reason: comparison.inconclusive, evidence })
      return judge(comparison, evidence)
    },
  })
}

/** Builds the policies of {@link exact}. */
exact.policy = exactPolicy

function compare(
  claimed: InferenceOutput,
  reference: InferenceOutput,
  parameters: ExactParameters,
  tolerance: { readonly atol: number; readonly rtol: number } | undefined,
): Comparison | { readonly inconclusive: string } {
  if (claimed.type === 'tensors' && reference.type === 'tensors')
    return compareTensors(claimed.tensors, reference.tensors, tolerance)
  if (claimed.type === 'json' && reference.type === 'json') return compareValues(claimed.value, reference.value)
  if (claimed.type === 'text' && reference.type === 'text') return compareText(claimed, reference, parameters)
  return { equal: false, reason: `the output is of type ${claimed.type}, not ${reference.type}`, metrics: {} }
}

function compareText(
  claimed: TextOutput,
  reference: TextOutput,
  { text, tokenIds }: ExactParameters,
): Comparison | { readonly inconclusive: string } {
  if (tokenIds === 'require') {
    if (!reference.tokenIds) return { inconclusive: 'the reference runner does not give token ids' }
    if (!claimed.tokenIds) return { equal: false, reason: 'the output has no token ids', metrics: {} }
    const tokens = compareTokenIds(claimed.tokenIds, reference.tokenIds)
    if (!tokens.equal) return tokens
  }
  const unicode = runtimeUnicode()
  return (
    compareTexts(claimed.text, reference.text, text, unicode) ?? {
      inconclusive: `this runtime has Unicode ${unicode ?? 'of an unknown version'}, the policy another`,
    }
  )
}

function judge({ equal, reason, metrics }: Comparison, evidence: Verdict['evidence']): Verdict {
  if (equal) return valid({ metrics, evidence })
  // A value that the claimed output does not have: where only names, shapes or token ids are amiss, the reference could
  // be made from it.
  const provesWork = (metrics.mismatches ?? 0) > 0
  return invalid({ metrics, evidence, provesWork, reason: reason ?? 'the output differs from the reference' })
}

function isSameRuntime(a: RuntimeFingerprint, b: RuntimeFingerprint): boolean {
  return a.weightsDigest === b.weightsDigest && runtimeClass(a) === runtimeClass(b)
}

function failed(reason: string): VerifierFailedError {
  return new VerifierFailedError({ verifier: `${name}@${revision}`, reason })
}
