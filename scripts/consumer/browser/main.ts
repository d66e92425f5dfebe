// What an app's page uses of the packages: to judge an output in the browser, and to read the market.
import { type Deployment, proofOfInferenceActions } from '@proof-of-inference/sdk'
import {
  encodeOutput,
  httpPayloadStore,
  type InferenceInput,
  type InferenceOutput,
  type ModelManifest,
} from '@proof-of-inference/sdk/payload'
import { runnerRegistry } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { createVerificationContext, runVerifier, type Verdict } from '@proof-of-inference/sdk/verifier'
import { exact } from '@proof-of-inference/verifier-exact'
import { createPublicClient, http, zeroAddress, zeroHash } from 'viem'

type Claim = { manifest: ModelManifest; input: InferenceInput; claimed: InferenceOutput }

/** Judges an output by a run of the model in the page. */
export async function judge({ manifest, input, claimed }: Claim): Promise<Verdict> {
  const payloads = httpPayloadStore({ url: 'https://payloads.example.com' })
  const runners = runnerRegistry({ runners: [onnx()], payloads })
  const job = { requestId: zeroHash, jobId: zeroHash, manifest, policy: exact.policy(), input, claimed }
  const { signal } = new AbortController()
  const context = createVerificationContext({
    job,
    operator: zeroAddress,
    operatorSalt: zeroHash,
    runners,
    payloads,
    signal,
  })
  try {
    const { verdict } = await runVerifier(exact(), job, context)
    return verdict
  } finally {
    await context.dispose()
    await runners.dispose()
  }
}

/** Finds the request for a payload. */
export async function readOutcome(deployment: Deployment, rpcUrl: string, claimed: InferenceOutput) {
  const client = createPublicClient({ transport: http(rpcUrl) }).extend(proofOfInferenceActions({ deployment }))
  const { digest } = await encodeOutput(claimed)
  const requests = await client.getRequests()
  return requests.find(({ job }) => job.outputDigest === digest)
}

Object.assign(globalThis, { judge, readOutcome })
