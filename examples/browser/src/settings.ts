import { parseDeployment } from '@proof-of-inference/sdk'
import * as v from 'valibot'

/** Where the page gets its settings, from the server that it comes from. */
export const settingsPath = '/market.json'

const url = v.pipe(v.string(), v.url())

/** All that the page is told of the market. None of it is secret; a model brings its own manifest, by digest. */
export const settingsSchema = v.strictObject({
  rpcUrl: url,
  payloadsUrl: url,
  /** As the deploy script writes it. */
  deployment: v.pipe(v.unknown(), v.transform(parseDeployment)),
  /** `owner/name@version` */
  model: v.string(),
  /** Of ERC-8004's identity registry; its wallet is the devnet's account of the agent. */
  agentId: v.pipe(
    v.string(),
    v.digits(),
    v.transform((id) => BigInt(id)),
  ),
})

/** As JSON has them. */
export type SettingsJson = v.InferInput<typeof settingsSchema>
export type Settings = v.InferOutput<typeof settingsSchema>
