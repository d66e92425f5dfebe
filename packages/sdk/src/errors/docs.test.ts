import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { ProofOfInferenceError } from './base.ts'
import { ContractError } from './contractError.ts'

const pages = new URL('../../../../docs/errors/', import.meta.url)
const bases: readonly unknown[] = [ProofOfInferenceError, ContractError]

/** The names of all error classes of the SDK. */
async function findErrorNames(): Promise<string[]> {
  const files = (await readdir(new URL('.', import.meta.url))).filter((file) => /^\w+\.ts$/.test(file))
  const modules: { [name: string]: unknown }[] = await Promise.all(
    files.map((file) => import(/* @vite-ignore */ new URL(file, import.meta.url).href)),
  )
  return modules
    .flatMap((module) => Object.entries(module))
    .filter(
      ([, value]) =>
        typeof value === 'function' && value.prototype instanceof ProofOfInferenceError && !bases.includes(value),
    )
    .map(([name]) => name)
}

test('every error has a page that its address leads to', async () => {
  const names = await findErrorNames()
  expect(names.length).toBeGreaterThan(70)
  const missing: string[] = []
  for (const name of names) {
    const { docsUrl } = new ProofOfInferenceError('', { name })
    const file = docsUrl.slice(docsUrl.lastIndexOf('/') + 1)
    const page = await readFile(new URL(file, pages), 'utf8').catch(() => '')
    if (!page.startsWith(`# ${name}\n`)) missing.push(`docs/errors/${file}`)
  }
  expect(missing).toEqual([])
})

test('the name of an error is that of its class', async () => {
  // The address of the page follows from the name, which is given as a literal.
  const sources = (await readdir(new URL('.', import.meta.url))).filter((file) => /^\w+\.ts$/.test(file))
  for (const file of sources) {
    const source = await readFile(new URL(file, import.meta.url), 'utf8')
    for (const [, className, base, literal] of source.matchAll(
      /export class (\w+) extends (ContractError|ProofOfInferenceError)<'(\w+)'>/g,
    )) {
      expect(className).toBe(base === 'ContractError' ? `${literal}Error` : literal)
    }
  }
})
