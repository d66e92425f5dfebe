import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { type OperatorMessage, type OperatorSettings, settingsVariable } from './settings.ts'

export type OperatorProcess = {
  /** Once it reads the chain. */
  readonly started: Promise<void>
  /** Ends the process at once, as a crash would. It is started again, on the same state. */
  crash(): void
  stop(): Promise<void>
}

/** Starts an operator in a process of its own, and again whenever it dies. */
export function startOperator(parameters: {
  name: string
  settings: OperatorSettings
  onMessage: (message: OperatorMessage) => void
  onRestart: (reason: string) => void
}): OperatorProcess {
  const { name, settings, onMessage, onRestart } = parameters
  const maxRestarts = 5
  let restarts = 0
  let isStopping = false
  let child: ChildProcess

  const start = () => {
    child = fork(path.join(import.meta.dirname, 'operator.ts'), {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced', // events hold bigints
      env: { ...process.env, [settingsVariable]: JSON.stringify(settings) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.on('message', (message: OperatorMessage) => onMessage(message))
    child.once('exit', (code, signal) => {
      if (isStopping) return
      if (++restarts > maxRestarts) throw new Error(`Operator ${name} died ${restarts} times.`)
      onRestart(signal ?? `exit code ${code}`)
      start()
    })
  }
  start()
  const started = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Operator ${name} did not start within 120 s.`)), 120_000)
    child.on('message', (message: OperatorMessage) => {
      if (message.type !== 'event' || message.event.type !== 'started') return
      clearTimeout(timer)
      resolve()
    })
  })

  return {
    started,
    crash: () => child.kill('SIGKILL'),
    async stop() {
      isStopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}
