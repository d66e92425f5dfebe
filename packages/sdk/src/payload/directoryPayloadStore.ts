import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PayloadNotStoredError, PayloadTooLargeError, PayloadUnavailableError } from '../errors/payload.ts'
import { assertDigest, digest } from './digest.ts'
import type { PayloadStore } from './store.ts'
import { assertBytes, defaultMaxBytes } from './transfer.ts'

/**
 * Keeps payloads as files of a directory, each named by its digest. Node only. Processes may share the directory: a
 * file appears complete or not at all, and is on disk when `put` resolves.
 *
 * @param path The directory; made when the first payload is stored.
 *
 * @example
 * const payloads = directoryPayloadStore('./payloads')
 */
export function directoryPayloadStore(path: string): PayloadStore {
  return {
    async put(bytes, { signal } = {}) {
      signal?.throwIfAborted()
      const key = await digest(bytes)
      const file = join(path, key)
      const temporary = join(path, `.${key}.${randomUUID()}`)
      try {
        await mkdir(path, { recursive: true })
        const handle = await open(temporary, 'wx')
        try {
          await handle.writeFile(bytes)
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(temporary, file)
      } catch (cause) {
        // The first error counts: where nothing could be written, nothing can be removed.
        await rm(temporary, { force: true }).catch(() => undefined)
        throw new PayloadNotStoredError({
          digest: key,
          sources: [file],
          reason: 'the file could not be written',
          cause,
        })
      }
      return key
    },
    async get(key, { signal, maxBytes = defaultMaxBytes } = {}) {
      signal?.throwIfAborted()
      const file = join(path, assertDigest(key))
      const bytes = await readCapped(file, maxBytes).catch((cause: unknown) => {
        if (cause instanceof PayloadTooLargeError) throw cause
        throw new PayloadUnavailableError({ digest: key, sources: [file], reason: 'the file could not be read', cause })
      })
      return assertBytes(bytes, key, { maxBytes, uri: file })
    },
  }
}

async function readCapped(file: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    if (size > maxBytes) throw new PayloadTooLargeError({ limit: maxBytes, size, uri: file })
    return new Uint8Array(await handle.readFile())
  } finally {
    await handle.close()
  }
}
