import { memoryOperatorStore, type OperatorStore } from '@proof-of-inference/sdk/operator'
import { memoryPayloadStore, type PayloadStore } from '@proof-of-inference/sdk/payload'
import { describe, expect, test } from 'vitest'
import { operatorStoreChecks, operatorStoreConformance } from './operatorStore.ts'
import { payloadStoreChecks, payloadStoreConformance } from './payloadStore.ts'
import type { Check } from './suite.ts'

payloadStoreConformance({ name: 'memoryPayloadStore', create: memoryPayloadStore })
operatorStoreConformance({ name: 'memoryOperatorStore', create: () => ({ find: memoize(memoryOperatorStore) }) })

function memoize<value>(make: () => value): () => value {
  const made = make()
  return () => made
}

/** The names of the checks that fail. */
async function failuresOf(checks: readonly Check[]): Promise<string[]> {
  const failed: string[] = []
  for (const { name, run } of checks) await run().catch(() => failed.push(name))
  return failed
}

describe('a broken payload store fails the suite', () => {
  test.each<[string, (store: PayloadStore) => Partial<PayloadStore>, string]>([
    [
      'answers with nothing when it holds nothing',
      (store) => ({ get: (key, options) => store.get(key, options).catch(() => new Uint8Array()) }),
      'says when it does not hold a payload',
    ],
    [
      'throws an error of its own when it holds nothing',
      (store) => ({ get: (key, options) => store.get(key, options).catch(() => Promise.reject(new Error('404'))) }),
      'says when it does not hold a payload',
    ],
    [
      'does not bound what it reads',
      (store) => ({ get: (key, options) => store.get(key, { ...options, maxBytes: 2 ** 30 }) }),
      'refuses more than maxBytes, and no less',
    ],
    [
      'does not stop when aborted',
      (store) => ({ get: (key) => store.get(key), put: (bytes) => store.put(bytes) }),
      'stops at an aborted signal',
    ],
    [
      'keeps the whole buffer of a part',
      (store) => ({ put: (bytes, options) => store.put(new Uint8Array(bytes.buffer), options) }),
      'holds a part of a larger buffer, and no more',
    ],
    [
      'shares its memory',
      (store) => {
        const shared = new Map<string, Uint8Array>()
        return {
          async put(bytes, options) {
            const key = await store.put(bytes, options)
            shared.set(key, bytes)
            return key
          },
          get: async (key, options) => shared.get(key) ?? store.get(key, options),
        }
      },
      'holds a copy',
    ],
  ])('%s', async (_, breakIt, check) => {
    const create = () => {
      const store = memoryPayloadStore()
      return { ...store, ...breakIt(store) }
    }
    expect(await failuresOf(payloadStoreChecks({ create }))).toContain(check)
  })
})

describe('a broken operator store fails the suite', () => {
  test.each<[string, (store: OperatorStore) => Partial<OperatorStore>, string]>([
    [
      'takes a second verdict',
      (store) => ({
        putAttestation: (signed, record) =>
          store.putAttestation(signed, record).catch(() => store.write({ put: [record] })),
      }),
      'refuses another attestation for a request, for good',
    ],
    [
      'forgets attestations with their requests',
      (store) => {
        const removed = new Set<string>()
        return {
          write: (changes) => {
            for (const id of changes.remove ?? []) removed.add(id)
            return store.write(changes)
          },
          getAttestation: async (id) => (removed.has(id) ? undefined : store.getAttestation(id)),
        }
      },
      'refuses another attestation for a request, for good',
    ],
    [
      'opens for anybody',
      (store) => ({ open: (_, create) => store.open(anybody, create) }),
      "is one operator's, on one deployment",
    ],
    [
      'lists what is settled as open',
      (store) => ({ getRequests: (filter) => store.getRequests(filter === 'open' ? { after: 0n } : filter) }),
      'finds requests that are open, unclaimed, and changed after a block',
    ],
    ['loses the cursor', () => ({ getCursor: async () => undefined }), 'keeps the cursor'],
  ])('%s', async (_, breakIt, check) => {
    const create = () => {
      const store = memoryOperatorStore()
      const broken = { ...store, ...breakIt(store) }
      return { find: () => broken }
    }
    expect(await failuresOf(operatorStoreChecks({ create }))).toContain(check)
  })
})

const anybody = { chainId: 1, avs: `0x${'01'.repeat(20)}`, operator: `0x${'02'.repeat(20)}` } as const
