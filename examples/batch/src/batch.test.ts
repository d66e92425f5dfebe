import { expect, test } from 'vitest'
import { runNetwork, sampling, size } from './network.ts'

test('one request verifies many inferences, of which operators check a sample that nobody knows', async () => {
  const { honest, cheated } = await runNetwork()
  expect(honest.status).toBe('verified')
  expect(cheated.status).toBe('rejected')
  for (const { samples } of [honest, cheated]) {
    expect(samples.length).toBeGreaterThanOrEqual(2)
    for (const { sampled, isAsDrawn } of samples) {
      expect(isAsDrawn).toBe(true)
      expect(new Set(sampled).size).toBe(sampling.sample)
      expect(Math.max(...sampled)).toBeLessThan(size)
    }
    // Each draws its own.
    expect(new Set(samples.map(({ sampled }) => sampled.join())).size).toBe(samples.length)
  }
  // A single one costs several times as much.
  expect(honest.gasPerInference).toBeLessThan(30_000)
}, 120_000)
