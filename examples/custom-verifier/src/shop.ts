import { digest, type InferenceInput, type InferenceOutput, type ModelManifest } from '@proof-of-inference/sdk/payload'
import { defineRunner, RunnerFailedError } from '@proof-of-inference/sdk/runner'
import * as v from 'valibot'

const prices = { apple: 0.4, bread: 3.2, cheese: 7.95 }

/** A model that tells what an order costs: its weights are a list of prices. */
export const weights = new TextEncoder().encode(JSON.stringify(prices))
export const manifest: ModelManifest = {
  v: 1,
  name: 'shop',
  weights: { digest: await digest(weights), format: 'price-list', size: weights.length },
  runtimes: [],
}

const order = v.object({ type: v.literal('json'), value: v.record(v.string(), v.pipe(v.number(), v.integer())) })
const list = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.number()))

/** Runs models that are lists of prices. */
export const shop = () =>
  defineRunner({
    name: 'shop',
    formats: ['price-list'],
    supports: () => true,
    async load({ manifest, weights }) {
      const prices = v.parse(list, new TextDecoder().decode(weights))
      const fingerprint = { ...profile, weightsDigest: manifest.weights.digest }
      return {
        fingerprint,
        deterministic: true,
        async run(input, { signal } = {}) {
          signal?.throwIfAborted()
          const parsed = v.safeParse(order, input)
          if (!parsed.success) throw new RunnerFailedError({ runner: 'shop', reason: 'it is no order' })
          const lines = Object.entries(parsed.output.value)
          const total = lines.reduce((sum, [product, count]) => sum + count * (prices[product] ?? 0), 0)
          return { type: 'text', text: `${lines.length} products: ${total.toFixed(2)} in total.`, runtime: fingerprint }
        },
        dispose: async () => {},
      }
    },
  })

const profile = { engine: 'shop', version: '1.0.0', provider: 'javascript', threads: 1, optimization: 'none' }

export const orderOf = (value: { [product: string]: number }): InferenceInput => ({ type: 'json', value })

/** What an agent answers in its own words. */
export const answer = (text: string): InferenceOutput => ({
  type: 'text',
  text,
  runtime: { ...profile, engine: 'a large language model', weightsDigest: manifest.weights.digest },
})
