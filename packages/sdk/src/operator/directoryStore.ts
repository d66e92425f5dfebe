import { mkdir } from 'node:fs/promises'
import type { ClassicLevel } from 'classic-level'
import { StoreLockedError } from '../errors/operator.ts'
import { OptionalDependencyMissingError } from '../errors/verification.ts'
import { type KeyValueDatabase, keyValueOperatorStore } from './keyValueStore.ts'
import type { OperatorStore } from './store.ts'

/**
 * A store in a directory on disk (LevelDB). The directory is made, for its owner only, if it does not exist; one process at a time can have
 * it open. It holds a secret; never run two copies of it.
 *
 * Needs the package `classic-level`. Opening throws an `OptionalDependencyMissingError` without it, a
 * `StoreLockedError` while the directory is in use.
 *
 * @example
 * const operator = createOperator({ client, deployment, store: directoryStore('./state'), payloads, verifiers, runners })
 */
export function directoryStore(path: string): OperatorStore {
  return keyValueOperatorStore(() => connectLevel(path))
}

/** Opens the LevelDB of a directory, which is made if it does not exist. */
export async function connectLevel(path: string): Promise<KeyValueDatabase> {
  const { ClassicLevel: Level } = await load()
  await mkdir(path, { recursive: true, mode: 0o700 })
  const level = await connect(new Level(path), path)
  return {
    get: (key) => level.get(key),
    keys: (range) => level.keys(range).all(),
    batch: (operations, options) => level.batch(operations, options),
    close: () => level.close(),
  }
}

async function connect(level: ClassicLevel, path: string): Promise<ClassicLevel> {
  try {
    await level.open()
    return level
  } catch (error) {
    await level.close()
    if (isLocked(error)) throw new StoreLockedError({ path, cause: error })
    throw error
  }
}

function isLocked(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === 'LEVEL_LOCKED') || isLocked(error.cause)
}

async function load() {
  try {
    return await import('classic-level')
  } catch (cause) {
    throw new OptionalDependencyMissingError({ name: 'classic-level', install: 'npm install classic-level', cause })
  }
}
