import { Worker, type WorkerOptions } from 'node:worker_threads'
import { fromTransferred } from '../errors/transfer.ts'
import { RunnerFailedError } from '../errors/verification.ts'
import type { RuntimeFingerprint } from '../payload/types.ts'
import { abortable } from '../utils/abort.ts'
import { defineRunner } from './defineRunner.ts'
import type { Runner, RunnerFactory } from './types.ts'
import {
  type Answer,
  type Description,
  type FromThread,
  importFactory,
  phases,
  receiveOutput,
  type Task,
  type ThreadData,
  type ToThread,
} from './workerMessages.ts'

/** Which module a worker thread takes its runner from. */
export type WorkerRunnerOptions = {
  /** Address of a module that exports a function which returns a runner factory, such as `() => onnx()`. */
  readonly module: URL | string
  /** Name of the export. Default: `default`. */
  readonly exportName?: string
  /**
   * Runs that the thread works on at once. Default: 1. More is for runners that wait for something else, such as another
   * process.
   */
  readonly concurrency?: number
  /** Options of Node's for the thread, such as `resourceLimits` or an `env` without secrets. */
  readonly worker?: Pick<WorkerOptions, 'env' | 'execArgv' | 'name' | 'resourceLimits'>
}

/**
 * Runs models in a thread of their own, so that a run takes no time from whatever else the process does, and can be
 * aborted in the middle. Each loaded model has a thread. Inputs are copied to it, the arrays of output tensors are moved
 * back; name, formats, fingerprints, outputs and errors (by their `name`, with facts and causes) are those of the
 * factory that the module's export makes. It is made in both threads, so the module is to load its library lazily.
 *
 * Runs wait for each other. Aborting one that waits takes it out; aborting one under way ends the thread at once,
 * without disposing what the runner holds outside of its memory. The next run starts another thread and loads the model
 * again: its weights stay in memory for that. `dispose` waits for the runs at hand. An idle thread does not keep the
 * process alive.
 *
 * Throws a `RunnerFailedError` if the module does not load, an `InvalidDefinitionError` if the export makes no runner
 * factory. If the thread breaks down, what runs in it is rejected with a `RunnerFailedError`, as is everything if it
 * cannot be started again, or another runtime comes of it; the next run starts it anew.
 *
 * @example
 * // runner.js: export default () => onnx()
 * const runner = await workerRunner({ module: new URL('./runner.js', import.meta.url) })
 * const operator = createOperator({ client, deployment, store, payloads, verifiers, runners: [runner] })
 */
export async function workerRunner(options: WorkerRunnerOptions): Promise<RunnerFactory> {
  const { exportName = 'default', concurrency = 1, worker = {} } = options
  if (!Number.isSafeInteger(concurrency) || concurrency < 1)
    throw new RangeError(`concurrency must be a positive integer, not ${concurrency}`)
  const module = new URL(options.module).href
  const factory = await importFactory(module, exportName)
  const { name, formats } = factory
  return defineRunner({
    name,
    formats,
    supports: (manifest) => factory.supports(manifest),
    async load({ manifest, weights, signal }) {
      const data = { module, exportName, concurrency, manifest, weights }
      const first = startThread({ name, data, options: worker })
      try {
        const description = await abortable(first.loaded, signal)
        const startAgain = () => startThread({ name, data, options: worker, expected: description })
        return createRunner(name, description, first, startAgain)
      } catch (error) {
        await first.end()
        throw error
      }
    },
  })
}

/** A thread with a model. */
type Thread = {
  /** What it has loaded. Rejects with what the runner threw, or because the thread ended. */
  readonly loaded: Promise<Description>
  /** Why it ended; nothing if it was told to. */
  readonly ended: Promise<{ readonly cause?: unknown }>
  readonly isEnding: boolean
  post(message: ToThread): void
  /** Takes what comes from the thread. */
  onAnswer: (id: number, answer: Answer) => void
  /** Whether it keeps the process alive. */
  hold(isHeld: boolean): void
  /** Disposes what it has loaded, then ends it. */
  dispose(): Promise<void>
  end(cause?: unknown): Promise<void>
}

function startThread(parameters: {
  name: string
  data: ThreadData
  options: WorkerOptions
  /** What it is to load; another runner ends it. */
  expected?: Description
}): Thread {
  const { name, data, options, expected } = parameters
  // The module beside this one, in the sources as in the package.
  const entry = new URL(`./workerThread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
  const worker = new Worker(entry, { ...options, workerData: data })
  const loaded = defer<Description>()
  const disposed = defer<void>()
  const ended = defer<{ readonly cause?: unknown }>()
  let reason: { readonly cause?: unknown } | undefined
  const thread: Thread = {
    loaded: loaded.promise,
    ended: ended.promise,
    get isEnding() {
      return reason !== undefined
    },
    post: (message) => worker.postMessage(message),
    onAnswer() {},
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    async dispose() {
      worker.ref()
      worker.postMessage({ type: 'dispose' } satisfies ToThread)
      try {
        await Promise.race([disposed.promise, ended.promise])
      } finally {
        await thread.end()
      }
    },
    async end(cause) {
      reason ??= cause === undefined ? {} : { cause }
      await worker.terminate()
    },
  }
  worker.on('message', (message: FromThread) => {
    if (reason) return
    if (message.type === 'answer') thread.onAnswer(message.id, message.answer)
    else if (message.type === 'disposed') {
      if (message.error) disposed.reject(fromTransferred(message.error))
      else disposed.resolve()
    } else if (message.type === 'refused') {
      const error = fromTransferred(message.error)
      loaded.reject(error)
      void thread.end(error)
    } else if (expected && !isSame(message.description, expected)) {
      const actual = JSON.stringify(message.description)
      void thread.end(new RunnerFailedError({ runner: name, reason: `loaded again, it is another: ${actual}` }))
    } else loaded.resolve(message.description)
  })
  // An error ends the thread by itself.
  worker.on('error', (cause) => {
    reason ??= { cause }
  })
  worker.on('messageerror', (cause) => void thread.end(cause))
  worker.on('exit', (code) => {
    reason ??= { cause: new Error(`The thread exited with code ${code}.`) }
    loaded.reject(new RunnerFailedError({ runner: name, reason: 'its thread ended', ...reason }))
    ended.resolve(reason)
  })
  // It may be nobody who waits.
  loaded.promise.catch(() => undefined)
  disposed.promise.catch(() => undefined)
  return thread
}

/** A task that is not done, with what came of it so far. */
type Call = {
  readonly id: number
  readonly task: Task
  phase: Int32Array
  readonly answers: Answer[]
  isSent: boolean
  hasAnswered: boolean
  failure: { readonly error: unknown } | undefined
  wake: () => void
}

function createRunner(name: string, description: Description, first: Thread, startAgain: () => Thread): Runner {
  /** Those that a thread has, or is to get. */
  const calls = new Map<number, Call>()
  let thread: Thread | undefined
  let lastId = 0
  let disposed: Promise<void> | undefined
  let onIdle = () => {}
  const failure = (reason: string, cause?: unknown) => new RunnerFailedError({ runner: name, reason, cause })

  function use(started: Thread): void {
    thread = started
    started.onAnswer = (id, answer) => {
      const call = calls.get(id)
      if (!call) return
      call.hasAnswered = true
      call.answers.push(answer)
      call.wake()
    }
    started.hold(calls.size > 0)
    void started.ended.then((reason) => replace(reason))
    for (const call of calls.values()) send(started, call)
  }

  /** Goes on in another thread with what did not run in the one that ended. */
  function replace(reason: { readonly cause?: unknown }): void {
    thread = undefined
    const isAborted = reason.cause === undefined
    for (const call of [...calls.values()]) {
      // Scores that were given cannot be taken back.
      const isLost = isAborted ? call.hasAnswered : call.isSent
      if (isLost) fail(call, failure('its thread ended', reason.cause))
    }
    if (calls.size > 0) use(startAgain())
  }

  function fail(call: Call, error: unknown): void {
    if (!calls.delete(call.id)) return
    call.failure = { error }
    call.wake()
    settle()
  }

  function settle(): void {
    if (calls.size > 0) return
    thread?.hold(false)
    onIdle()
  }

  function send(to: Thread, call: Call): void {
    const { id, task } = call
    call.phase = createPhase()
    call.isSent = true
    try {
      to.post({ type: 'task', id, phase: call.phase, task })
    } catch (cause) {
      fail(call, failure('what it is to run on cannot be copied to its thread', cause))
    }
  }

  function abort(call: Call, reason: unknown): void {
    const { waiting, running, over } = phases
    if (Atomics.compareExchange(call.phase, 0, waiting, over) === running) void thread?.end()
    fail(call, reason)
  }

  async function* exchange(task: Task, signal: AbortSignal | undefined): AsyncGenerator<Answer> {
    if (disposed) throw failure('it was disposed')
    signal?.throwIfAborted()
    const call: Call = {
      id: ++lastId,
      task,
      phase: createPhase(),
      answers: [],
      isSent: false,
      hasAnswered: false,
      failure: undefined,
      wake() {},
    }
    const onAbort = () => abort(call, signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    calls.set(call.id, call)
    try {
      if (!thread) use(startAgain())
      else if (!thread.isEnding) {
        thread.hold(true)
        send(thread, call)
      }
      while (true) {
        if (call.failure) throw call.failure.error
        const answer = call.answers.shift()
        if (answer?.type === 'end') return
        if (answer?.type === 'error') throw fromTransferred(answer.error)
        if (answer) {
          yield answer
          if (answer.type === 'scores' && calls.has(call.id)) thread?.post({ type: 'more', id: call.id })
        } else {
          await new Promise<void>((resolve) => {
            call.wake = resolve
          })
        }
      }
    } finally {
      signal?.removeEventListener('abort', onAbort)
      if (calls.delete(call.id)) {
        if (task.type === 'score') thread?.post({ type: 'enough', id: call.id })
        settle()
      }
    }
  }

  use(first)
  return {
    fingerprint: description.fingerprint,
    deterministic: description.deterministic,
    async run(input, { seed, signal } = {}) {
      for await (const answer of exchange({ type: 'run', input, seed }, signal))
        if (answer.type === 'output') return receiveOutput(answer.output)
      throw failure('it ended without an output')
    },
    ...(description.scores && {
      async *score(input, tokenIds, { signal } = {}) {
        for await (const answer of exchange({ type: 'score', input, tokenIds }, signal))
          if (answer.type === 'scores') yield answer.scores
      },
    }),
    dispose() {
      disposed ??= (async () => {
        if (calls.size > 0)
          await new Promise<void>((resolve) => {
            onIdle = resolve
          })
        if (thread?.isEnding) await thread.ended
        else await thread?.dispose()
      })()
      return disposed
    },
  }
}

/** Whether another load gave the same runner. */
function isSame(a: Description, b: Description): boolean {
  const facts = ({ fingerprint, deterministic, scores }: Description) => {
    const { engine, version, provider, threads, optimization, weightsDigest }: RuntimeFingerprint = fingerprint
    return JSON.stringify([engine, version, provider, threads, optimization, weightsDigest, deterministic, scores])
  }
  return facts(a) === facts(b)
}

const createPhase = () => new Int32Array(new SharedArrayBuffer(4)).fill(phases.waiting)

function defer<value>() {
  let resolve: (value: value) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<value>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
