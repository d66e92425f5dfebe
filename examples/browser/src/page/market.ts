import {
  getAttestations,
  getFee,
  getReferenceTimepoint,
  getSeatedOperators,
  getVoter,
  resolveModel,
  watchAttestations,
} from '@proof-of-inference/sdk/actions'
import { hashValidationRequest, requestValidation } from '@proof-of-inference/sdk/erc8004'
import { httpPayloadStore, type InferenceInput, type InferenceOutput } from '@proof-of-inference/sdk/payload'
import { createRequester, getModelPolicy, type InferenceRequest, signConsent } from '@proof-of-inference/sdk/requester'
import { type Runner, runnerRegistry } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import * as v from 'valibot'
import { type Address, createWalletClient, http, parseEther, zeroAddress } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { getBalance } from 'viem/actions'
import { type Settings, settingsPath, settingsSchema } from '../settings.ts'
import { countingFetch } from './countingFetch.ts'
import { SettingsError } from './problems.ts'

/** Everybody has the keys of this mnemonic: for local chains only. A page of yours takes the wallet of its visitor. */
const testMnemonic = 'test test test test test test test test test test test junk'

/** Paid to the agent if the output is verified. */
export const reward = parseEther('0.01')

/** How surely an output is to be verified: by the votes of two thirds of the stake, and of two operators. */
export const assurance = { quorumBps: 6667, minAttestations: 2 }

/** Milliseconds between looks at the chain. */
const pollingInterval = 200

export type Operator = { readonly address: Address; readonly weight: bigint }
export type Vote = getAttestations.ReturnType[number]
export type Market = Awaited<ReturnType<typeof connectMarket>>

/** Where the market is, as the server of this page says. */
export async function fetchSettings(): Promise<Settings> {
  try {
    const response = await fetch(settingsPath)
    if (!response.ok) throw new TypeError(`${response.status} ${response.statusText}`)
    return v.parse(settingsSchema, await response.json())
  } catch (cause) {
    throw new SettingsError(`${settingsPath} could not be read`, { cause })
  }
}

/** Both sides of the market in this page, the agent and the requester, with all that they read from the chain. */
export async function connectMarket({ rpcUrl, payloadsUrl, deployment, model, agentId }: Settings) {
  const connect = (addressIndex: number) =>
    createWalletClient({
      account: mnemonicToAccount(testMnemonic, { addressIndex }),
      transport: http(rpcUrl),
      pollingInterval,
    })
  // The devnet's accounts: the deployer, the requester, the agent.
  const client = connect(1)
  const agent = connect(2)
  const payloads = httpPayloadStore({ url: payloadsUrl, allowPrivateNetwork: true })
  const requester = createRequester({ client, deployment, payloads })

  const { modelVersionId } = await resolveModel(client, { deployment, model })
  const { manifest, version } = await getModelPolicy(client, { deployment, payloads, modelVersionId })
  const { minimumFee: fee } = await getFee(client, { deployment, modelId: version.modelId, asset: zeroAddress })

  return {
    model,
    manifest,
    agentId,
    agent: agent.account.address,
    requester: client.account.address,
    /** Shared by the operators that vote with the outcome, in wei. */
    fee,

    /** Of the requester, in wei. */
    getFunds: () => getBalance(client, { address: client.account.address }),

    /** The operators and their weights, at a timepoint. Default: at the latest that a request can refer to. */
    async getOperators(at?: number): Promise<Operator[]> {
      const timepoint = at ?? (await getReferenceTimepoint(client, { deployment }))
      const addresses = await getSeatedOperators(client, { deployment })
      return Promise.all(
        addresses.map(async (address) => {
          const { weight } = await getVoter(client, { deployment, operator: address, timepoint })
          return { address, weight }
        }),
      )
    },

    /** Loads the model by the digest of its weights. `onBytes` is told how many have arrived. */
    loadModel(onBytes: (bytes: number) => void): Promise<Runner> {
      const counted = httpPayloadStore({
        url: payloadsUrl,
        allowPrivateNetwork: true,
        fetch: countingFetch(onBytes),
      })
      return runnerRegistry({ runners: [onnx()], payloads: counted }).resolve(manifest, { modelVersionId })
    },

    /** Opens a request. The agent agrees to the job, and files what the receipt will answer. */
    async request(input: InferenceInput, output: InferenceOutput): Promise<InferenceRequest> {
      const prepared = await requester.prepareJob({ model, input, output, agent: { id: agentId }, ...assurance })
      const { job } = prepared
      const requestHash = hashValidationRequest({ deployment, job })
      await requestValidation(agent, { registries: deployment, validator: deployment.avs, agentId, requestHash })
      const consent = await signConsent(agent, { deployment, job })
      return requester.request({ prepared, consent, reward, deadline: { seconds: 60 } })
    },

    /** Waits for the outcome, and tells the votes as they arrive. */
    async watch(
      { id: requestId, blockNumber: fromBlock, outcome }: InferenceRequest,
      onVotes: (votes: Vote[]) => void,
    ) {
      const ended = new AbortController()
      const votes: Vote[] = []
      let unwatch = () => {}
      const failure = new Promise<never>((_, reject) => {
        unwatch = watchAttestations(client, {
          ...{ deployment, requestId, fromBlock },
          onAttestations(attestations) {
            votes.push(...attestations)
            onVotes(votes)
          },
          onError: reject,
        })
      })
      try {
        const ending = await Promise.race([outcome({ signal: ended.signal }), failure])
        onVotes(await getAttestations(client, { deployment, requestId, fromBlock }))
        return ending
      } finally {
        unwatch()
        ended.abort()
      }
    },
  }
}
