import {
  createDevnet,
  createPayloadServer,
  type Devnet,
  type DevnetOptions,
  type PayloadServer,
  runOperators,
} from '@proof-of-inference/devnet'
import { httpPayloadStore } from '@proof-of-inference/sdk/payload'
import { publishModel } from '@proof-of-inference/sdk/requester'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { exact } from '@proof-of-inference/verifier-exact'
import { createWalletClient, http, type LocalAccount, parseEther, zeroAddress } from 'viem'
import { loadModel } from './model.ts'

/** Starts a market on this machine, for as long as it is used: a chain, payloads, three operators, a model that they verify. */
export async function withMarket<result>(
  use: (market: ReturnType<typeof describeMarket>) => Promise<result>,
  options: Omit<DevnetOptions, 'fourMica'> = {},
): Promise<result> {
  await using devnet = await createDevnet(options)
  await using server = await createPayloadServer()
  const market = describeMarket(devnet, server)
  const { deployment, payloads, connect } = market
  await publishModel(connect(devnet.accounts.deployer), {
    ...{ deployment, payloads, name: 'silero-vad', policy: exact.policy(), ...(await loadModel()) },
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: parseEther('0.001') }],
  })
  await using _ = await runOperators(devnet, { payloads, verifiers: [exact()], runners: [onnx()] })
  return await use(market)
}

function describeMarket({ accounts, chain, deployment, rpcUrl }: Devnet, { url }: PayloadServer) {
  const access = { url, allowPrivateNetwork: true }
  const model = `${accounts.deployer.address}/silero-vad@1`
  return {
    accounts,
    rpcUrl,
    connect: (account: LocalAccount) => createWalletClient({ account, chain, transport: http(), pollingInterval: 50 }),
    deployment,
    payloads: httpPayloadStore(access),
    model,
    /** What an app is to know of the market, as JSON. */
    file: JSON.stringify({
      deployment: { ...deployment, startBlock: String(deployment.startBlock) },
      payloads: access,
      model,
    }),
  }
}
