import {
  createClient,
  custom,
  type Hex,
  hexToBigInt,
  numberToHex,
  pad,
  RpcRequestError,
  serializeSignature,
  size,
  slice,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { hashOf, owner, signer } from '../../../test/fixtures.ts'
import { isSignatureOf } from './isSignatureOf.ts'

const digest = hashOf('digest')
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** A node on which the wallet answers as told; nothing, where it has no code. */
function nodeOf(answer: () => Hex = () => '0x') {
  const calls: unknown[] = []
  const transport = custom(
    {
      async request({ method, params }) {
        if (method !== 'eth_call') throw new Error(`The fake node does not know ${method}.`)
        calls.push(params)
        return answer()
      },
    },
    { retryCount: 0 },
  )
  return { client: createClient({ transport }), calls }
}

const wallet = { signer: owner.avs, digest, signature: '0x1234' } as const

describe('isSignatureOf', () => {
  test("takes the account's own, and asks nobody", async () => {
    const signature = await signer.sign({ hash: digest })
    const { client, calls } = nodeOf()
    expect(await isSignatureOf(client, { signer: signer.address, digest, signature })).toBe(true)
    expect(calls).toEqual([])
    expect(await isSignatureOf(client, { signer: owner.avs, digest, signature })).toBe(false)
    expect(await isSignatureOf(client, { signer: signer.address, digest: hashOf('other'), signature })).toBe(false)
  })

  test('refuses other forms of it, as the chain does', async () => {
    const signature = await signer.sign({ hash: digest })
    const [r, s] = [slice(signature, 0, 32), slice(signature, 32, 64)]
    const isEven = slice(signature, 64) === '0x1b'
    const flipped = numberToHex(order - hexToBigInt(s), { size: 32 })
    const forms = [
      serializeSignature({ r, s: flipped, yParity: isEven ? 1 : 0 }),
      `${slice(signature, 0, 64)}${isEven ? '00' : '01'}`,
      slice(signature, 0, 64),
      `${signature}00`,
      pad('0x1b', { size: 65 }),
      '0x',
    ] as const
    for (const form of forms) {
      expect(await isSignatureOf(nodeOf().client, { signer: signer.address, digest, signature: form })).toBe(false)
    }
  })

  test('asks a wallet (ERC-1271), which may spend so much', async () => {
    const valid = pad('0x1626ba7e', { dir: 'right' })
    const { client, calls } = nodeOf(() => valid)
    expect(await isSignatureOf(client, wallet)).toBe(true)
    expect(calls).toMatchObject([[{ to: owner.avs, gas: numberToHex(500_000n) }, 'latest']])
    for (const answer of [pad('0x1626ba7f', { dir: 'right' }), pad('0x1626ba7e'), '0x1626ba7e', '0x'] as const) {
      expect(await isSignatureOf(nodeOf(() => answer).client, wallet)).toBe(false)
    }
    expect(size(valid)).toBe(32)
  })

  test('takes a refusal for a no, and an outage for neither', async () => {
    const failing = (error: { code: number; message: string; data?: Hex }) =>
      nodeOf(() => {
        throw new RpcRequestError({ body: {}, error, url: 'http://node' })
      }).client
    const reverted = failing({ code: 3, message: 'execution reverted', data: '0x' })
    expect(await isSignatureOf(reverted, wallet)).toBe(false)
    const down = failing({ code: -32_603, message: 'the node is down' })
    await expect(isSignatureOf(down, wallet)).rejects.toThrow('the node is down')
  })
})
