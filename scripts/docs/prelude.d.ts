// What the code blocks of the docs may use without declaring it: what an app has, of the types that it has. What only one page
// uses is given there. Kept to what is used.
import type { Attestation, Deployment, Job, ProofOfInferenceActions } from '@proof-of-inference/sdk'
import type { AssetFee } from '@proof-of-inference/sdk/actions'
import type { InferenceInput, InferenceOutput, ModelManifest, PayloadStore } from '@proof-of-inference/sdk/payload'
import type { InferenceRequest, Requester } from '@proof-of-inference/sdk/requester'
import type {
  Address,
  Chain,
  Client,
  Hex,
  LocalAccount,
  PublicActions,
  Transport,
  WalletActions,
  WalletClient,
} from 'viem'

declare global {
  const account: LocalAccount
  const chain: Chain
  const client: Client<
    Transport,
    Chain,
    LocalAccount,
    undefined,
    WalletActions<Chain, LocalAccount> & PublicActions<Transport, Chain, LocalAccount> & ProofOfInferenceActions
  >
  const agentClient: WalletClient<Transport, Chain, LocalAccount>
  const signer: LocalAccount
  const operator: Address
  const deployment: Deployment
  const payloads: PayloadStore
  const requester: Requester
  const request: InferenceRequest
  const model: string
  const manifest: ModelManifest
  const weights: Uint8Array
  const fees: AssetFee[]
  const input: InferenceInput
  const output: InferenceOutput
  const reward: bigint
  const job: Job
  const jobId: Hex
  const requestId: Hex
  const modelId: Hex
  const attestation: Attestation
  const signature: Hex
  const fromBlock: bigint
  const signal: AbortSignal
  const url: string
}
