import { createDevnet, runOperators } from '@proof-of-inference/devnet'
import {
  getVerified,
  type InferenceInput,
  type InferenceOutput,
  memoryPayloadStore,
  type PayloadSource,
} from '@proof-of-inference/sdk/payload'
import { createRequester, publishModel } from '@proof-of-inference/sdk/requester'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { batchSampling, decodeEvidence, sampleBatch } from '@proof-of-inference/sdk/verifier'
import { exact } from '@proof-of-inference/verifier-exact'
import * as v from 'valibot'
import { createWalletClient, type Hex, http, isHex, type LocalAccount, parseEther, zeroAddress } from 'viem'
import { createInputs, infer, loadModel } from './model.ts'

/** Inferences of a request. */
export const size = 40

/** An operator that accepts a batch of which 30 % are false is wrong once in a hundred times, and so is one that rejects. */
export const sampling = batchSampling({
  itemErrorUpper: 3e-4,
  itemMissUpper: 3e-4,
  alpha: 0.01,
  cheatFraction: 0.3,
  power: 0.99,
})

export type Sold = {
  readonly status: string
  /** Of the request and its votes together, per inference. */
  readonly gasPerInference: number
  /** Per vote: the items that the operator drew, and whether they are those that its salt draws. */
  readonly samples: readonly { readonly sampled: readonly number[]; readonly isAsDrawn: boolean }[]
}

/** A local market, and two batches of an agent's: one that is what the model says, and one that is of another model. */
export async function runNetwork(): Promise<{ honest: Sold; cheated: Sold }> {
  await using devnet = await createDevnet()
  const { accounts, chain, deployment } = devnet
  const payloads = memoryPayloadStore()
  const connect = (account: LocalAccount) =>
    createWalletClient({ account, chain, transport: http(), pollingInterval: 50 })

  // What a sample of that size is worth is part of the policy, and computed again by whoever reads it.
  const policy = exact.policy({ batch: sampling, confidence: { valid: 9_900, invalid: 9_900 } })
  const { modelVersionId: model } = await publishModel(connect(accounts.deployer), {
    ...{ deployment, payloads, name: 'silero-vad', policy, ...(await loadModel('v5')) },
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: parseEther('0.001') }],
  })
  await using _ = await runOperators(devnet, { payloads, verifiers: [exact()], runners: [onnx()] })
  const requester = createRequester({ client: connect(accounts.requester), deployment, payloads })

  /** Has all of them verified by one request. Their manifests, lists of digests, are what is on chain. */
  async function verify(inputs: readonly InferenceInput[], outputs: readonly InferenceOutput[]): Promise<Sold> {
    const request = await requester.request({
      model,
      input: { type: 'batch', items: inputs },
      output: { type: 'batch', items: outputs },
      payee: accounts.agent.address,
      reward: parseEther('0.05'),
      deadline: { seconds: 120 },
      minAttestations: 2,
    })
    const outcome = await request.outcome()
    const hashes = new Set([...outcome.attestations, outcome, request].map(({ transactionHash }) => transactionHash))
    const receipts = await Promise.all([...hashes].map((hash) => devnet.client.getTransactionReceipt({ hash })))
    const gas = receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
    const samples = outcome.attestations.map(({ evidenceDigest }) => readSample(payloads, evidenceDigest))
    return {
      status: outcome.status,
      gasPerInference: Number(gas) / inputs.length,
      samples: await Promise.all(samples),
    }
  }

  const inputs = createInputs(size)
  const honest = await infer('v5', inputs)
  const other = await infer('v6', inputs)
  return {
    honest: await verify(inputs, honest),
    // Half of them are of another model, all with the runtime of the one that was asked for.
    cheated: await verify(
      inputs,
      honest.map((output, index) =>
        index % 2 === 0 ? output : { ...(other[index] ?? output), runtime: output.runtime },
      ),
    ),
  }
}

const hex = v.custom<Hex>((value) => isHex(value))
const sampleSchema = v.object({ size: v.number(), salt: hex, sampled: v.array(v.number()) })

/** Which items an operator says it checked, and whether it could choose them: they follow from its salt. */
async function readSample(payloads: PayloadSource, evidenceDigest: Hex): Promise<Sold['samples'][number]> {
  const { evidence } = decodeEvidence(await getVerified(payloads, evidenceDigest))
  const { size, salt, sampled } = v.parse(sampleSchema, evidence)
  const drawn = sampleBatch({ operatorSalt: salt, size, sample: sampling.sample })
  return { sampled, isAsDrawn: drawn.join() === sampled.join() }
}
