import { parseDeployment } from '@proof-of-inference/sdk'
import { httpPayloadStore } from '@proof-of-inference/sdk/payload'
import { fourMica, memoryPaymentStore } from '@proof-of-inference/sdk/payments'
import { createRequester } from '@proof-of-inference/sdk/requester'
import { createWalletClient, http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'

/** What each side is started with, as JSON in its environment. */
export type Settings = {
  readonly rpcUrl: string
  /** As the deploy script writes it. */
  readonly deployment: unknown
  readonly payloadsUrl: string
  readonly core: { readonly url: string; readonly contract: `0x${string}`; readonly codeHash: `0x${string}` }
  /** `owner/name@version`. */
  readonly model: string
  /** Of the well-known test mnemonic. */
  readonly accountIndex: number
  /** For the buyer. */
  readonly sellerUrl?: string
}

export const settingsVariable = 'AGENT_SETTINGS'

/** What buyer and seller alike need: an account on the chain, payloads, and a way to pay and be paid. */
export function setUp() {
  const json = process.env[settingsVariable]
  if (json === undefined) throw new Error(`${settingsVariable} is not set: both sides are started by main.ts.`)
  const settings: Settings = JSON.parse(json)
  const { rpcUrl, core, payloadsUrl, accountIndex, model, sellerUrl } = settings
  const account = mnemonicToAccount('test test test test test test test test test test test junk', {
    addressIndex: accountIndex,
  })
  const deployment = parseDeployment(settings.deployment)
  const client = createWalletClient({ account, chain: foundry, transport: http(rpcUrl), pollingInterval: 50 })
  const payloads = httpPayloadStore({ url: payloadsUrl, allowPrivateNetwork: true })
  // Who has money to lose keeps this on disk: `directoryPaymentStore`.
  const rail = fourMica({ client, deployment, core, rpcUrl, store: memoryPaymentStore() })
  return {
    client,
    deployment,
    model,
    payloads,
    rail,
    requester: createRequester({ client, deployment, payloads }),
    sellerUrl,
  }
}
