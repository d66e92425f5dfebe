import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch, openPage } from './browser.ts'

const directory = path.resolve(import.meta.dirname, '..')

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser?.close())

/** The command that `npm start` runs, and what it has said so far. */
function start(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/server/main.ts', ...args], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    // a group of its own, as a shell would make it: Ctrl-C reaches all of it
    detached: true,
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk
    })
  const ended = once(child, 'close').then(([code]) => ({ code, ...said }))
  return { child, said, ended }
}

test('starts everything, serves the page, and leaves nothing behind on Ctrl-C', async () => {
  const { child, said, ended } = start('--port', '0', '--block-time', '0')
  const address = new Promise<string>((resolve) => {
    child.stdout.on('data', () => {
      const [, url] = /^Open (\S+)$/m.exec(said.stdout) ?? []
      if (url !== undefined) resolve(url)
    })
  })
  const failed = ended.then((result): never => {
    throw new Error(`It ended: ${JSON.stringify(result)}`)
  })
  const url = await Promise.race([address, failed])
  failed.catch(() => {})
  const { page, faults } = await openPage(browser)
  await page.goto(url)
  await page.locator('#network-status').filter({ hasText: 'Connected to the chain' }).waitFor()
  await page.getByRole('button', { name: 'Run the model' }).click()
  await page.locator('#output').filter({ hasText: 'Silence: 1.2 % speech' }).waitFor()
  expect(faults).toEqual({ errors: [], foreign: [] })
  await page.context().close()

  const [, chain, payloads] = /^chain: (\S+), payloads: (\S+),/m.exec(said.stdout) ?? []
  if (child.pid === undefined || chain === undefined || payloads === undefined) throw new TypeError(said.stdout)
  process.kill(-child.pid, 'SIGINT')
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
  for (const each of [url, chain, payloads]) await expect(fetch(each)).rejects.toThrow('fetch failed')
})

test('says how it is used', async () => {
  const [help, many, colour] = [start('--help'), start('--port', 'many'), start('--colour')]
  expect(await help.ended).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Usage: npm start -w examples/browser'),
    stderr: '',
  })
  expect(await many.ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--port takes a whole number up to 65535, not 'many'."),
  })
  expect(await colour.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('--colour') })
})
