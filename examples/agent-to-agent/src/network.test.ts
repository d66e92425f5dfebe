import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { runSale } from './network.ts'

test('one agent buys an inference from another, which is verified, paid and rated', async () => {
  const { bought, sold } = await runSale({ stdout: 'ignore' })
  expect(bought).toMatchObject({ receipt: 'verified', payment: 'paid', feedback: { avs: 99, buyer: 100 } })
  expect(sold).toEqual([{ outputDigest: bought.outputDigest, status: 'paid' }])
}, 120_000)

test.each(['buyer.ts', 'seller.ts'])('%s is short, and needs nothing but published packages', async (script) => {
  const source = await readFile(new URL(script, import.meta.url), 'utf8')
  expect(source.split('\n').length).toBeLessThan(120)
  const imported = [...source.matchAll(/from '([^']+)'/g)].map(([, name]) => name)
  expect(imported.length).toBeGreaterThan(5)
  for (const name of imported) expect(name).toMatch(/^(\.\/\w+\.ts|@?[\w-]+(\/[\w-]+)*)$/)
})
