import { ProofOfInferenceError } from '@proof-of-inference/sdk'
import { digest, type PayloadStore } from '@proof-of-inference/sdk/payload'
import { expect } from 'vitest'
import { type Check, register, rejectionOf } from './suite.ts'

/** The store to test. */
export type PayloadStoreConformanceParameters = {
  /** Names the store in the report. */
  readonly name: string
  /** An empty store; called for every check. */
  create(): PayloadStore | Promise<PayloadStore>
}

/**
 * Tests that a payload store does what `PayloadStore` says: gives back what was put by its sha2-256, keeps a copy of
 * its own, bounds what it reads, says when it holds nothing, honours an abort. For vitest: call it in a test file.
 *
 * @example
 * payloadStoreConformance({ name: 's3PayloadStore', create: () => s3PayloadStore({ bucket }) })
 */
export function payloadStoreConformance(parameters: PayloadStoreConformanceParameters): void {
  register(`${parameters.name} conforms to PayloadStore`, payloadStoreChecks(parameters))
}

export function payloadStoreChecks({ create }: Pick<PayloadStoreConformanceParameters, 'create'>): Check[] {
  const bytes = new TextEncoder().encode('payload')
  const missing = `0x${'00'.repeat(32)}` as const
  /** The error of that name among an error and what caused it: a store of stores says what each of them said. */
  const named = (error: unknown, name: string) => {
    if (!ProofOfInferenceError.is(error)) throw new Error('the error is not one of the SDK', { cause: error })
    return error.walk(name)
  }

  return [
    {
      name: 'gives back what was put, by its digest, also when put twice',
      async run() {
        const store = await create()
        const key = await store.put(bytes)
        expect(key).toBe(await digest(bytes))
        expect(await store.put(bytes)).toBe(key)
        expect(await store.get(key)).toEqual(bytes)
      },
    },
    {
      name: 'gives bytes as a Uint8Array',
      async run() {
        const store = await create()
        const found = await store.get(await store.put(bytes))
        expect(Object.prototype.toString.call(found)).toBe('[object Uint8Array]')
      },
    },
    {
      name: 'holds a copy',
      async run() {
        const store = await create()
        const mutable = new Uint8Array(bytes)
        const key = await store.put(mutable)
        mutable.fill(0)
        ;(await store.get(key)).fill(0)
        expect(await store.get(key)).toEqual(bytes)
      },
    },
    {
      name: 'holds a part of a larger buffer, and no more',
      async run() {
        const store = await create()
        const part = new Uint8Array([9, ...bytes, 9]).subarray(1, bytes.length + 1)
        const key = await store.put(part)
        expect(key).toBe(await digest(bytes))
        expect(await store.get(key)).toEqual(bytes)
      },
    },
    {
      name: 'holds an empty payload, and one of 2 MiB',
      async run() {
        const store = await create()
        const large = new Uint8Array(2 * 1024 * 1024).map((_, index) => index * 7)
        for (const payload of [new Uint8Array(), large]) {
          const found = await store.get(await store.put(payload))
          expect(found.length).toBe(payload.length)
          expect(await digest(found)).toBe(await digest(payload))
        }
      },
    },
    {
      name: 'holds many, put at once',
      async run() {
        const store = await create()
        const payloads = Array.from({ length: 20 }, (_, index) => new Uint8Array([index, 1, 2]))
        const keys = await Promise.all([...payloads, ...payloads].map((payload) => store.put(payload)))
        for (const [index, payload] of payloads.entries()) {
          const key = keys[index]
          if (key === undefined) throw new Error('a put gave no digest')
          expect(keys[index + payloads.length]).toBe(key)
          expect(await store.get(key)).toEqual(payload)
        }
      },
    },
    {
      name: 'says when it does not hold a payload',
      async run() {
        const error = await rejectionOf((await create()).get(missing), 'it gave a payload that nobody put')
        expect(named(error, 'PayloadUnavailableError')).toMatchObject({ digest: missing })
      },
    },
    {
      name: 'refuses more than maxBytes, and no less',
      async run() {
        const store = await create()
        const key = await store.put(bytes)
        const limit = bytes.length - 1
        const error = await rejectionOf(store.get(key, { maxBytes: limit }), 'it gave more bytes than were allowed')
        expect(named(error, 'PayloadTooLargeError')).toMatchObject({ limit })
        expect(await store.get(key, { maxBytes: bytes.length })).toEqual(bytes)
      },
    },
    {
      name: 'stops at an aborted signal',
      async run() {
        const store = await create()
        const key = await store.put(bytes)
        const signal = AbortSignal.abort(new Error('enough'))
        await expect(store.put(bytes, { signal })).rejects.toThrow('enough')
        await expect(store.get(key, { signal })).rejects.toThrow('enough')
      },
    },
  ]
}
