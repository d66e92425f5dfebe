import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { directoryPaymentStore } from './directoryPaymentStore.ts'
import { memoryPaymentStore } from './memoryPaymentStore.ts'
import { scopeStore } from './store.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'payments-'))
})
afterAll(() => rm(directory, { recursive: true }))

describe.each([
  ['memory', () => memoryPaymentStore()],
  ['a directory', () => directoryPaymentStore(join(directory, 'store'))],
])('%s', (_, create) => {
  test('keeps, lists in order and removes entries, each scope its own', async () => {
    const store = create()
    const [one, other] = [scopeStore(store, 'one/'), scopeStore(store, 'other/')]
    await one.write({ 'tab/2': 'b', 'tab/1': 'a', promise: 'p' })
    await other.write({ 'tab/1': 'x' })
    await expect(one.keys('tab/')).resolves.toEqual(['tab/1', 'tab/2'])
    await one.write({ 'tab/1': undefined, 'tab/3': 'c' })
    await expect(one.keys('tab/')).resolves.toEqual(['tab/2', 'tab/3'])
    await expect(one.get('tab/1')).resolves.toBeUndefined()
    await expect(other.get('tab/1')).resolves.toBe('x')
    await store.close()
  })
})

test('a directory survives, and is one process’s at a time', async () => {
  const path = join(directory, 'survivor')
  const first = directoryPaymentStore(path)
  await first.write({ key: 'value' })
  const second = directoryPaymentStore(path)
  await expect(second.get('key')).rejects.toMatchObject({ name: 'StoreLockedError' })
  await first.close()
  await expect(second.get('key')).resolves.toBe('value')
  await second.close()
})
