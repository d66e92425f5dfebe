import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { AnvilNotFoundError, AnvilStartError, PortInUseError } from './errors.ts'

const npmPackage = '@foundry-rs/anvil-linux-amd64'
/** Milliseconds for anvil to be listening, and for it to end when told to. */
const startTimeout = 30_000
const stopTimeout = 5_000
const keptOutput = 16_384

/** An anvil that listens on loopback. */
export type Anvil = {
  readonly rpcUrl: string
  readonly port: number
  /** Process id. */
  readonly pid: number
  /** Resolves when anvil has ended, for whatever reason. */
  readonly exited: Promise<AnvilExit>
  /** Ends anvil; resolves when it has ended and its port is free. May be called again. */
  stop(): Promise<void>
}

/** How anvil ended. */
export type AnvilExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/**
 * Starts anvil and waits until it listens.
 *
 * @param parameters.port 0 for a free one.
 * @param parameters.args What else is passed to anvil.
 * @throws `AnvilNotFoundError`, `AnvilStartError`, `PortInUseError`
 */
export async function startAnvil({ port, args }: { port: number; args: readonly string[] }): Promise<Anvil> {
  const command = findAnvil()
  const child = spawn(command, ['--host', '127.0.0.1', '--port', String(port), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  guard(child)
  const exited = new Promise<AnvilExit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeout)
      await exited.finally(() => clearTimeout(timer))
    } else await exited
  }

  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-keptOutput)
  })
  const failed = (reason: string, cause?: unknown) =>
    stderr.includes('Address already in use')
      ? new PortInUseError({ port })
      : new AnvilStartError({ command, reason, stderr, cause })

  const listening = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(failed(`it was not listening after ${startTimeout / 1000} seconds`))
    }, startTimeout)
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout = (stdout + chunk).slice(-keptOutput)
      const address = /Listening on 127\.0\.0\.1:(\d+)/.exec(stdout)
      if (!address) return
      clearTimeout(timer)
      // keep reading, or anvil would block once the pipe is full
      child.stdout.removeAllListeners('data').resume()
      resolve(Number(address[1]))
    })
    child.once('error', (cause) => {
      clearTimeout(timer)
      reject(failed(cause.message, cause))
    })
    exited.then(({ code, signal }) => {
      clearTimeout(timer)
      reject(failed(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`))
    })
  })
  return { rpcUrl: `http://127.0.0.1:${listening}`, port: listening, pid: child.pid ?? 0, exited, stop }
}

/** ANVIL_BIN, else the npm package of the binary, else the first on PATH. */
function findAnvil(): string {
  const { ANVIL_BIN, PATH } = process.env
  if (ANVIL_BIN) {
    if (existsSync(ANVIL_BIN)) return ANVIL_BIN
    throw new AnvilNotFoundError({ tried: [`ANVIL_BIN (${ANVIL_BIN}), which does not exist`] })
  }
  const directories = (PATH ?? '').split(delimiter).filter((directory) => directory !== '')
  const candidates = [
    ...[import.meta.url, join(process.cwd(), 'package.json')].flatMap(resolvePackagedAnvil),
    // npm puts shims on PATH, too, which hide how anvil ended
    ...directories.filter((directory) => !directory.includes('node_modules')).map((path) => join(path, 'anvil')),
  ]
  const found = candidates.find((file) => existsSync(file))
  if (found !== undefined) return found
  throw new AnvilNotFoundError({ tried: ['ANVIL_BIN, which is not set', `the npm package ${npmPackage}`, 'PATH'] })
}

function resolvePackagedAnvil(from: string): string[] {
  try {
    return [join(dirname(createRequire(from).resolve(`${npmPackage}/package.json`)), 'bin', 'anvil')]
  } catch {
    return [] // not installed there
  }
}

const running = new Set<ChildProcess>()
const deadlySignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** anvil ends with this process, unless this process is killed with SIGKILL. */
function guard(child: ChildProcess): void {
  if (running.size === 0) {
    process.on('exit', killAll)
    // First, so that it still sees a program that listens with `once`.
    for (const signal of deadlySignals) process.prependListener(signal, onSignal)
  }
  running.add(child)
  child.once('close', () => {
    running.delete(child)
    if (running.size > 0) return
    process.off('exit', killAll)
    for (const signal of deadlySignals) process.off(signal, onSignal)
  })
}

function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

function onSignal(signal: NodeJS.Signals): void {
  // A program that listens for the signal decides what happens; when it exits, so does anvil.
  if (process.listenerCount(signal) > 1) return
  killAll()
  process.off(signal, onSignal)
  process.kill(process.pid, signal)
}
