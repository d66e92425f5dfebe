import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Deployment } from '@proof-of-inference/sdk'
import type { OperatorEvent } from '@proof-of-inference/sdk/operator'

/** What a process is started with, as JSON in its environment. */
export type Settings =
  | {
      readonly role: 'operator'
      readonly rpcUrl: string
      readonly deployment: Deployment
      readonly payloadsUrl: string
      readonly stateDirectory: string
      /** Which of the devnet's operators. */
      readonly index: number
      readonly aggregatorUrl?: string | undefined
      /** Whether it runs models in a thread of their own. */
      readonly isThreaded: boolean
    }
  | {
      readonly role: 'aggregator'
      readonly rpcUrl: string
      readonly deployment: Deployment
      /** Default: the aggregator's. */
      readonly batchInterval: number | undefined
    }
  /** Runs the recognizer on so many inputs whenever it is told to. */
  | { readonly role: 'inference'; readonly inputs: number }

/** What a process tells: `at` by {@link now}, `cpu` the milliseconds of processor time that it has used. */
export type Message = { readonly at: number; readonly cpu: number } & (
  | { readonly type: 'ready'; readonly url?: string }
  | { readonly type: 'event'; readonly event: Exclude<OperatorEvent, { type: 'error' | 'started' }> }
  | { readonly type: 'run'; readonly ms: number }
  | { readonly type: 'inferred'; readonly ms: number; readonly cpuMs: number }
  | { readonly type: 'error'; readonly message: string }
)

/** A process, with all that it told since it was last cleared. */
export type Child = AsyncDisposable & {
  readonly messages: Message[]
  /** What `ready` told. */
  readonly url: string | undefined
  /** Tells the process to go. */
  go(): void
  /** Resolves once the condition holds; it is asked after every message. Rejects after a time. */
  until(condition: (messages: readonly Message[]) => boolean, timeout?: number): Promise<void>
}

export const settingsVariable = 'BENCH_SETTINGS'
export const testMnemonic = 'test test test test test test test test test test test junk'

/** Milliseconds of a clock that all processes share, in fractions. */
export const now = () => performance.timeOrigin + performance.now()

/** How long a process has to end by itself. */
const grace = 20_000

/** Starts a process; resolves once it is ready. If it ends by itself, `stop` aborts. */
export async function startProcess(settings: Settings, stop: AbortController): Promise<Child> {
  const replacer = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
  const child = fork(path.join(import.meta.dirname, 'process.ts'), {
    // Also for the thread of a runner.
    execArgv: ['--import', new URL('../scripts/register-tsx.mjs', import.meta.url).href],
    serialization: 'advanced', // events hold bigints
    env: { ...process.env, [settingsVariable]: JSON.stringify(settings, replacer) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const messages: Message[] = []
  const told = new EventEmitter()
  let isStopping = false
  child.on('message', (message: Message) => {
    messages.push(message)
    told.emit('message')
  })
  child.once('exit', (code, signal) => {
    if (!isStopping) stop.abort(new Error(`The process of the ${settings.role} ended (${signal ?? code}).`))
  })

  async function until(condition: (messages: readonly Message[]) => boolean, timeout = 60_000): Promise<void> {
    const limit = AbortSignal.timeout(timeout)
    const signal = AbortSignal.any([limit, stop.signal])
    while (!condition(messages)) {
      await once(told, 'message', { signal }).catch(() => {
        stop.signal.throwIfAborted()
        const errors = messages.flatMap((message) => (message.type === 'error' ? message.message : []))
        throw new Error(`The ${settings.role} did not get there in ${timeout} ms. ${errors.slice(-3).join(' ')}`)
      })
    }
  }

  async function end(): Promise<void> {
    isStopping = true
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), grace)
    await exited
    clearTimeout(timer)
  }

  try {
    await until((told) => told.some(({ type }) => type === 'ready'), 120_000)
  } catch (error) {
    await end()
    throw error
  }
  const url = messages.flatMap((message) => (message.type === 'ready' && message.url ? message.url : []))[0]
  return { messages, url, until, go: () => child.send('go'), [Symbol.asyncDispose]: end }
}

/** Where processes keep their state; removed at the end. */
export async function createStateDirectory() {
  const directory = await mkdtemp(path.join(tmpdir(), 'proof-of-inference-bench-'))
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}
