import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { describe, expect, test } from 'vitest'
import { encode } from './codec.ts'
import { assertDigest, cidToDigest, digest, digestToCid, digestToIpfsUri } from './digest.ts'

describe('digest', () => {
  test('is sha2-256, as another implementation computes it', async () => {
    const bytes = encode({ hello: 'world' })
    expect(await digest(bytes)).toBe(`0x${createHash('sha256').update(bytes).digest('hex')}`)
    expect(await digest(new Uint8Array())).toBe('0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  test('is the same for bytes of any size, and in shared memory', async () => {
    for (const size of [4 * 1024 * 1024, 4 * 1024 * 1024 + 1]) {
      const bytes = new Uint8Array(size).fill(7)
      expect(await digest(bytes)).toBe(`0x${createHash('sha256').update(bytes).digest('hex')}`)
    }
    const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(1)
    expect(await digest(shared)).toBe(await digest(new Uint8Array([1, 1])))
  })

  test('is of what the bytes are when it is called', async () => {
    const bytes = new Uint8Array([1])
    const hashing = digest(bytes)
    bytes[0] = 2
    expect(await hashing).toBe(await digest(new Uint8Array([1])))
  })

  test('is of a view, not of the buffer behind it', async () => {
    expect(await digest(new Uint8Array([9, 1, 2]).subarray(1))).toBe(await digest(new Uint8Array([1, 2])))
  })
})

describe('CIDs', () => {
  test('follow from digests and give them back', async () => {
    const of = await digest(encode({ hello: 'world' }))
    // As `ipfs dag put` names {"hello":"world"} in dag-cbor.
    expect(digestToCid(of).toString()).toBe('bafyreidykglsfhoixmivffc5uwhcgshx4j465xwqntbmu43nb2dzqwfvae')
    expect(digestToIpfsUri(of)).toBe(`ipfs://${digestToCid(of)}`)
    expect(digestToIpfsUri(of, 'raw')).toMatch(/^ipfs:\/\/bafkrei/)
    expect(cidToDigest(digestToCid(of, 'raw'))).toBe(of)
  })

  test('of another hash are refused', () => {
    const cid = CID.createV1(0x55, identity.digest(new Uint8Array(32)))
    expect(() => cidToDigest(cid)).toThrow(expect.objectContaining({ name: 'PayloadInvalidError' }))
  })
})

test.each(['', '0x', `0x${'AB'.repeat(32)}`, 'ab'.repeat(32), `0x${'ab'.repeat(31)}`, `0x${'ab'.repeat(33)}`, '../x'])(
  'assertDigest refuses %j',
  (value) => {
    expect(() => assertDigest(value)).toThrow(expect.objectContaining({ name: 'PayloadInvalidError' }))
  },
)
