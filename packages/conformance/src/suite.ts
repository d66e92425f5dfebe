import { describe, test } from 'vitest'

/** One thing that an implementation must do. Throws if it does not. */
export type Check = {
  readonly name: string
  /** Why it does not apply, where it does not. */
  readonly skip?: string | undefined
  run(): Promise<void>
}

/** Milliseconds that a check may take: models load, and machines are busy. */
const patience = 60_000

/** Registers checks as tests of the file that calls it. */
export function register(title: string, checks: readonly Check[]): void {
  describe(title, () => {
    for (const { name, skip, run } of checks) {
      test(name, { timeout: patience }, async (context) => {
        if (skip !== undefined) context.skip(skip)
        await run()
      })
    }
  })
}

/** The fixtures, made when they are first asked for. */
export function lazyFixtures<fixtures extends object>(
  fixtures: fixtures | (() => Promise<fixtures>),
): () => Promise<fixtures> {
  let made: Promise<fixtures> | undefined
  return () => {
    made ??= typeof fixtures === 'function' ? fixtures() : Promise.resolve(fixtures)
    return made
  }
}

/** What a promise was rejected with. Throws an `Error` with the message if it was not. */
export async function rejectionOf(promise: Promise<unknown>, message: string): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ isRejected: false, value }),
    (value: unknown) => ({ isRejected: true, value }),
  )
  if (!outcome.isRejected) throw new Error(message)
  return outcome.value
}
