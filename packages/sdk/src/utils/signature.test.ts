import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { recoverSigner } from './signature.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const digest = `0x${'22'.repeat(32)}` as const

test('a signer is recovered, again and again', async () => {
  const signature = await account.sign({ hash: digest })
  for (let time = 0; time < 2; time++) expect(await recoverSigner(digest, signature)).toBe(account.address)
})

test('one digest, or one signature, is not taken for another', async () => {
  const other = privateKeyToAccount(generatePrivateKey())
  const [signature, others] = await Promise.all([account.sign({ hash: digest }), other.sign({ hash: digest })])
  expect(await recoverSigner(digest, signature)).toBe(account.address)
  expect(await recoverSigner(digest, others)).toBe(other.address)
  expect(await recoverSigner(`0x${'23'.repeat(32)}`, signature)).not.toBe(account.address)
})

test('what is no signature has no signer', async () => {
  const signature = await account.sign({ hash: digest })
  const highS = `${signature.slice(0, 66)}${'f'.repeat(64)}${signature.slice(130)}`
  for (const wrong of [
    '0x',
    `${signature}00`,
    `${signature.slice(0, 130)}00`,
    highS,
    `0x${'00'.repeat(64)}1b`,
  ] as const) {
    expect(await recoverSigner(digest, wrong as `0x${string}`)).toBeNull()
  }
})
