import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startAnvil } from './anvil.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devnet-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true })
})

/** An anvil of one's own making. */
async function pretend(script: string): Promise<void> {
  const file = join(directory, 'anvil')
  await writeFile(file, `#!/bin/sh\n${script}\n`)
  await chmod(file, 0o755)
  vi.stubEnv('ANVIL_BIN', file)
}

test('a crash is reported with what anvil said', async () => {
  await pretend('echo "thread main panicked" >&2; exit 3')
  await expect(startAnvil({ port: 0, args: [] })).rejects.toMatchObject({
    name: 'AnvilStartError',
    stderr: 'thread main panicked\n',
    message: expect.stringContaining('it ended with code 3'),
  })
})

test('an argument that anvil refuses is reported with what it said', async () => {
  await expect(startAnvil({ port: 0, args: ['--no-such-flag'] })).rejects.toMatchObject({
    name: 'AnvilStartError',
    stderr: expect.stringContaining('--no-such-flag'),
  })
})

test('a file that cannot run is reported', async () => {
  vi.stubEnv('ANVIL_BIN', directory)
  await expect(startAnvil({ port: 0, args: [] })).rejects.toMatchObject({ name: 'AnvilStartError' })
})

test('an ANVIL_BIN that does not exist is reported', async () => {
  vi.stubEnv('ANVIL_BIN', join(directory, 'missing'))
  await expect(startAnvil({ port: 0, args: [] })).rejects.toMatchObject({
    name: 'AnvilNotFoundError',
    tried: [expect.stringContaining('missing')],
  })
})

test('it resolves once anvil listens, and tells when anvil ended by itself', async () => {
  const anvil = await startAnvil({ port: 0, args: [] })
  process.kill(anvil.pid, 'SIGKILL')
  await expect(anvil.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' })
  await anvil.stop()
})

test('anvil ends with a program that a signal ends', async () => {
  const script = `
    import { startAnvil } from ${JSON.stringify(new URL('anvil.ts', import.meta.url).href)}
    console.log((await startAnvil({ port: 0, args: [] })).port)`
  const program = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [printed] = await once(program.stdout.setEncoding('utf8'), 'data')
  program.kill('SIGTERM')
  expect(await once(program, 'exit')).toEqual([null, 'SIGTERM'])
  await closed(Number(printed))
})

/** Resolves when nothing listens on the port any more. */
function closed(port: number): Promise<void> {
  return new Promise((resolve) => {
    const attempt = () => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', () => resolve())
      socket.once('connect', () => {
        socket.once('close', attempt)
        socket.destroy()
      })
    }
    attempt()
  })
}
