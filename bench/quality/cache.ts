import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { digest } from '@proof-of-inference/sdk/payload'

const directory = new URL('../../.bench-cache/', import.meta.url)

/**
 * Bytes that take long to make, kept on disk in `.bench-cache`, so that an interrupted measurement goes on where it was.
 *
 * @param key All that decides them; JSON.
 */
export async function cached(key: unknown, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const file = new URL(await digest(new TextEncoder().encode(JSON.stringify(key))), directory)
  const kept = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (kept) return new Uint8Array(kept)
  const made = await make()
  await mkdir(directory, { recursive: true })
  const unfinished = new URL(`${file.href}.${process.pid}`)
  await writeFile(unfinished, made)
  await rename(unfinished, file)
  return made
}
