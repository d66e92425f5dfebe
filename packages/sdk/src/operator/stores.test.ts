import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { operatorStoreConformance } from '@proof-of-inference/conformance'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRecord, createVote, hashOf, owner } from '../../test/fixtures.ts'
import { directoryStore } from './directoryStore.ts'
import type { SignedVote } from './machine.ts'
import { memoryOperatorStore } from './memoryOperatorStore.ts'
import type { RequestRecord } from './store.ts'

const created = { secret: hashOf('secret'), blockNumber: 7n, timepoint: 7 }
const create = async () => created
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'operator-store-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

operatorStoreConformance({
  name: 'memoryOperatorStore',
  create() {
    const store = memoryOperatorStore()
    return { find: () => store }
  },
})
operatorStoreConformance({
  name: 'directoryStore',
  create: () => ({ find: () => directoryStore(join(directory, 'state')) }),
})

const signed = ({ attestation, signature }: SignedVote) => ({ attestation, signature })
const verified = (record: RequestRecord, vote = createVote(record.requestId)) => ({
  ...record,
  state: { status: 'verified', vote } as const,
})

describe('directoryStore', () => {
  test('is readable by its owner only', async () => {
    const path = join(directory, 'deep', 'state')
    const store = directoryStore(path)
    await store.open(owner, create)
    expect((await stat(path)).mode & 0o077).toBe(0)
    await store.close()
  })

  test('survives a killed process, and is locked until then', async () => {
    const path = join(directory, 'state')
    const script = fileURLToPath(new URL('../../test/holdStore.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [line] = await once(child.stdout, 'data')
      expect(String(line)).toBe('stored\n')
      await expect(directoryStore(path).open(owner, create)).rejects.toMatchObject({ name: 'StoreLockedError', path })
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const store = directoryStore(path)
    expect(await store.open(owner, create)).toEqual({ owner, ...created })
    const record = createRecord('a')
    expect(await store.getRequest(record.requestId)).toEqual(verified(record))
    expect(await store.getAttestation(record.requestId)).toEqual(signed(createVote(record.requestId)))
    await store.close()
  })

  test('names a damaged entry without showing it', async () => {
    const path = join(directory, 'state')
    const { ClassicLevel } = await import('classic-level')
    const level = new ClassicLevel(path)
    await level.put(
      'origin',
      JSON.stringify({ format: 1, owner, secret: 'not a secret any more', blockNumber: '7', timepoint: 7 }),
    )
    await level.close()
    const opening = directoryStore(path).open(owner, create)
    await expect(opening).rejects.toMatchObject({ name: 'StoreCorruptedError', key: 'origin' })
    await expect(opening).rejects.not.toThrow('not a secret')
  })
})
