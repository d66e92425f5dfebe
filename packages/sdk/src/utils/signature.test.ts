import fc from 'fast-check'
import { type Hex, numberToHex, recoverAddress } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { recoverSigner } from './signature.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const other = privateKeyToAccount(generatePrivateKey())
const digest = `0x${'22'.repeat(32)}` as const
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

test('a signer is recovered, again and again, whoever is expected', async () => {
  const signature = await account.sign({ hash: digest })
  for (const expected of [account.address, other.address, account.address.toLowerCase() as Hex, account.address])
    expect(await recoverSigner(digest, signature, expected)).toBe(account.address)
})

test('one digest, or one signature, is not taken for another', async () => {
  const [signature, others] = await Promise.all([account.sign({ hash: digest }), other.sign({ hash: digest })])
  expect(await recoverSigner(digest, signature, account.address)).toBe(account.address)
  expect(await recoverSigner(digest, others, account.address)).toBe(other.address)
  expect(await recoverSigner(`0x${'23'.repeat(32)}`, signature, account.address)).not.toBe(account.address)
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
    `${signature.slice(0, 66)}${'00'.repeat(32)}1b`,
  ] as const) {
    expect(await recoverSigner(digest, wrong as `0x${string}`, account.address)).toBeNull()
  }
})

const word = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  fc.constantFrom(0n, 1n, order - 1n, order, order + 1n, 2n ** 256n - 1n),
)
const toWord = (value: bigint) => numberToHex(value, { size: 32 }).slice(2)

test('a signer whose key is known is found as recovering finds it', async () => {
  const cases = {
    hash: word.map((value) => `0x${toWord(value)}` as const),
    signed: fc.option(word, { nil: undefined, freq: 1 }),
    r: fc.option(word, { nil: undefined, freq: 1 }),
    s: fc.option(word, { nil: undefined, freq: 1 }),
    flip: fc.boolean(),
  }
  for (const known of [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`] as const)
    expect(await recoverSigner(known, await account.sign({ hash: known }), account.address)).toBe(account.address)
  let affirmed = 0
  const check = async ({
    hash,
    signed,
    r,
    s,
    flip,
  }: { [key in keyof typeof cases]: (typeof cases)[key] extends fc.Arbitrary<infer value> ? value : never }) => {
    const made = await account.sign({ hash: signed === undefined ? hash : `0x${toWord(signed)}` })
    const v = Number(`0x${made.slice(130)}`)
    const words = [r === undefined ? made.slice(2, 66) : toWord(r), s === undefined ? made.slice(66, 130) : toWord(s)]
    const signature = `0x${words.join('')}${(flip ? 55 - v : v).toString(16)}` as const
    const isHigh = s !== undefined && s > order / 2n
    const expected = isHigh ? null : await recoverAddress({ hash, signature }).catch(() => null)
    expect(await recoverSigner(hash, signature, account.address)).toBe(expected)
    if (expected === account.address) affirmed++
  }
  await fc.assert(fc.asyncProperty(fc.record(cases), check), { numRuns: 500, seed: 1 })
  expect(affirmed).toBeGreaterThan(0)
}, 60_000)
