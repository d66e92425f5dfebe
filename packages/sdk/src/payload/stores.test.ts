import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { payloadStoreConformance } from '@proof-of-inference/conformance'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digest } from './digest.ts'
import { directoryPayloadStore } from './directoryPayloadStore.ts'
import { fallbackPayloadStore } from './fallbackPayloadStore.ts'
import { inlinePayloadStore } from './inlinePayloadStore.ts'
import { memoryPayloadStore } from './memoryPayloadStore.ts'
import type { PayloadSource } from './store.ts'
import { getVerified, putPayload } from './transfer.ts'

const bytes = new TextEncoder().encode('payload')
const other = new TextEncoder().encode('another')
const missing = `0x${'00'.repeat(32)}` as const

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'payloads-'))
})
afterEach(() => rm(directory, { recursive: true }))

payloadStoreConformance({ name: 'memoryPayloadStore', create: memoryPayloadStore })
payloadStoreConformance({
  name: 'directoryPayloadStore',
  create: () => directoryPayloadStore(join(directory, 'made', 'when needed')),
})
payloadStoreConformance({
  name: 'fallbackPayloadStore',
  create: () => fallbackPayloadStore([inlinePayloadStore(new Map()), memoryPayloadStore()]),
})

describe('directoryPayloadStore', () => {
  test('keeps payloads across instances, one file each and no other', async () => {
    const key = await directoryPayloadStore(directory).put(bytes)
    expect(await readdir(directory)).toEqual([key])
    expect(await directoryPayloadStore(directory).get(key)).toEqual(bytes)
  })

  test('notices a change of any byte of the file', async () => {
    const store = directoryPayloadStore(directory)
    const key = await store.put(bytes)
    const file = join(directory, key)
    const content = await readFile(file)
    for (let index = 0; index < content.length; index++) {
      const tampered = Buffer.from(content)
      tampered.writeUInt8(tampered.readUInt8(index) ^ 1, index)
      await writeFile(file, tampered)
      await expect(store.get(key)).rejects.toMatchObject({ name: 'PayloadDigestMismatchError', expected: key })
    }
    await store.put(bytes)
    expect(await store.get(key)).toEqual(bytes)
  })

  test('does not leave its directory', async () => {
    await writeFile(join(directory, 'secret'), 'x')
    const store = directoryPayloadStore(join(directory, 'store'))
    await expect(store.get('../secret' as `0x${string}`)).rejects.toMatchObject({ name: 'PayloadInvalidError' })
  })

  test('says when it cannot write', async () => {
    await writeFile(join(directory, 'file'), 'x')
    await expect(directoryPayloadStore(join(directory, 'file')).put(bytes)).rejects.toMatchObject({
      name: 'PayloadNotStoredError',
      cause: { code: 'EEXIST' },
    })
  })

  test('says when a directory is in the place of a payload', async () => {
    const key = await digest(bytes)
    await directoryPayloadStore(join(directory, key)).put(bytes)
    await expect(directoryPayloadStore(directory).get(key)).rejects.toMatchObject({ name: 'PayloadUnavailableError' })
  })
})

describe('inlinePayloadStore', () => {
  test('reads from a map and from a function, and checks both', async () => {
    const key = await digest(bytes)
    expect(await inlinePayloadStore(new Map([[key, bytes]])).get(key)).toEqual(bytes)
    expect(await inlinePayloadStore(async (digest) => (digest === key ? bytes : undefined)).get(key)).toEqual(bytes)
    await expect(inlinePayloadStore(new Map([[key, other]])).get(key)).rejects.toMatchObject({
      name: 'PayloadDigestMismatchError',
    })
    await expect(inlinePayloadStore(async () => undefined).get(key)).rejects.toMatchObject({
      name: 'PayloadUnavailableError',
    })
    await expect(inlinePayloadStore(new Map([[key, bytes]])).get(key, { maxBytes: 3 })).rejects.toMatchObject({
      name: 'PayloadTooLargeError',
    })
  })
})

describe('fallbackPayloadStore', () => {
  test('passes by stores that lie, fail or hold nothing', async () => {
    const holder = memoryPayloadStore()
    const key = await holder.put(bytes)
    const liar: PayloadSource = { get: async () => other }
    const broken: PayloadSource = { get: () => Promise.reject(new Error('down')) }
    expect(await fallbackPayloadStore([liar, broken, memoryPayloadStore(), holder]).get(key)).toEqual(bytes)
  })

  test('reports every store when all fail', async () => {
    const liar: PayloadSource = { get: async () => other }
    const broken: PayloadSource = { get: () => Promise.reject(new Error('down')) }
    const error = await fallbackPayloadStore([liar, broken])
      .get(missing)
      .catch((error: unknown) => error)
    expect(error).toMatchObject({
      name: 'PayloadUnavailableError',
      cause: { errors: [{ name: 'PayloadDigestMismatchError' }, { message: 'down' }] },
    })
    expect(String(error)).toContain(await digest(other))
    expect(String(error)).toContain('Source: down')
  })

  test('does not ask the next store once aborted', async () => {
    const controller = new AbortController()
    const asked: string[] = []
    const first: PayloadSource = {
      get: async () => {
        asked.push('first')
        controller.abort(new Error('enough'))
        throw new Error('down')
      },
    }
    const second: PayloadSource = {
      get: async () => {
        asked.push('second')
        return bytes
      },
    }
    await expect(fallbackPayloadStore([first, second]).get(missing, { signal: controller.signal })).rejects.toThrow(
      'enough',
    )
    expect(asked).toEqual(['first'])
  })

  test('writes to the first store that takes it', async () => {
    const full = { ...memoryPayloadStore(), put: () => Promise.reject(new Error('full')) }
    const holder = memoryPayloadStore()
    const key = await fallbackPayloadStore([inlinePayloadStore(new Map()), full, holder]).put(bytes)
    expect(await holder.get(key)).toEqual(bytes)
    await expect(fallbackPayloadStore([full]).put(bytes)).rejects.toMatchObject({
      name: 'PayloadNotStoredError',
      cause: { errors: [{ message: 'full' }] },
    })
    await expect(fallbackPayloadStore([]).put(bytes)).rejects.toThrow('no store takes payloads')
    await expect(fallbackPayloadStore([]).get(missing)).rejects.toThrow('there are no stores')
  })
})

describe('getVerified', () => {
  test('trusts no store', async () => {
    const store: PayloadSource = { get: async () => other }
    const [expected, actual] = [await digest(bytes), await digest(other)]
    await expect(getVerified(store, expected)).rejects.toMatchObject({
      name: 'PayloadDigestMismatchError',
      expected,
      actual,
    })
    await expect(getVerified(store, await digest(other), { maxBytes: 1 })).rejects.toMatchObject({
      name: 'PayloadTooLargeError',
    })
  })

  test('ends when aborted, whatever the store does', async () => {
    const controller = new AbortController()
    const store: PayloadSource = {
      get: () => {
        controller.abort(new Error('enough'))
        return new Promise(() => {})
      },
    }
    await expect(getVerified(store, missing, { signal: controller.signal })).rejects.toThrow('enough')
  })

  test('takes only digests', async () => {
    await expect(getVerified(memoryPayloadStore(), '0x12')).rejects.toMatchObject({ name: 'PayloadInvalidError' })
  })
})

describe('putPayload', () => {
  test('stores chunks before the payload that links to them', async () => {
    const order: string[] = []
    const memory = memoryPayloadStore()
    const store = {
      ...memory,
      put: (bytes: Uint8Array) => {
        order.push(new TextDecoder().decode(bytes))
        return memory.put(bytes)
      },
    }
    const block = { bytes: other, digest: await digest(other) }
    await putPayload(store, { bytes, digest: await digest(bytes), blocks: [block] })
    expect(order).toEqual(['another', 'payload'])
  })

  test('refuses a store that reports another digest', async () => {
    const store = { ...memoryPayloadStore(), put: async () => missing }
    await expect(putPayload(store, { bytes, digest: await digest(bytes), blocks: [] })).rejects.toMatchObject({
      name: 'PayloadDigestMismatchError',
    })
  })
})
