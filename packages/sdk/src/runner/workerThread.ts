// The thread of a workerRunner.
import { parentPort, workerData } from 'node:worker_threads'
import PQueue from 'p-queue'
import { toTransferred } from '../errors/transfer.ts'
import { RunnerFailedError } from '../errors/verification.ts'
import type { InferenceOutput } from '../payload/types.ts'
import type { Runner } from './types.ts'
import {
  type Answer,
  type FromThread,
  importFactory,
  phases,
  receiveInput,
  type Task,
  type ThreadData,
  type ToThread,
} from './workerMessages.ts'

if (!parentPort) throw new Error('This is the thread of a workerRunner, not to be started by itself.')
const port = parentPort
const { module, exportName, concurrency, manifest, weights }: ThreadData = workerData
const queue = new PQueue({ concurrency, autoStart: false })
/** Who waits for an answer to whether further scores are wanted, by the task's id. */
const scoring = new Map<number, (isMoreWanted: boolean) => void>()

const tell = (message: FromThread, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, transfer)

const loading = importFactory(module, exportName).then((factory) => factory.load({ manifest, weights }))
loading.then(
  ({ fingerprint, deterministic, score }) => {
    tell({ type: 'loaded', description: { fingerprint, deterministic, scores: score !== undefined } })
    queue.start()
  },
  (error) => tell({ type: 'refused', error: toTransferred(error) }),
)

port.on('message', (message: ToThread) => {
  if (message.type === 'task') {
    const { id, phase, task } = message
    void queue.add(() => serve(id, phase, task))
  } else if (message.type === 'dispose') {
    loading
      .then((runner) => runner.dispose())
      .then(
        () => tell({ type: 'disposed' }),
        (error) => tell({ type: 'disposed', error: toTransferred(error) }),
      )
  } else {
    scoring.get(message.id)?.(message.type === 'more')
    scoring.delete(message.id)
  }
})

async function serve(id: number, phase: Int32Array, task: Task): Promise<void> {
  const { waiting, running, over } = phases
  if (Atomics.compareExchange(phase, 0, waiting, running) !== waiting) return
  const answer = (answer: Answer, transfer?: readonly ArrayBuffer[]) => tell({ type: 'answer', id, answer }, transfer)
  try {
    const runner = await loading
    if (task.type === 'run') {
      const output = await runner.run(receiveInput(task.input), { seed: task.seed })
      Atomics.store(phase, 0, over)
      try {
        answer({ type: 'output', output }, buffersOf(output))
      } catch (cause) {
        throw new RunnerFailedError({ runner: module, reason: 'its output cannot leave its thread', cause })
      }
    } else {
      for await (const scores of score(runner, task)) {
        answer({ type: 'scores', scores })
        if (!(await new Promise((resolve) => scoring.set(id, resolve)))) break
      }
      Atomics.store(phase, 0, over)
      answer({ type: 'end' })
    }
  } catch (error) {
    Atomics.store(phase, 0, over)
    answer({ type: 'error', error: toTransferred(error) })
  }
}

function score(runner: Runner, { input, tokenIds }: Task & { type: 'score' }) {
  if (!runner.score) throw new RunnerFailedError({ runner: module, reason: 'it does not score' })
  return runner.score(receiveInput(input), tokenIds)
}

/** The buffers that hold one tensor each. What is part of a larger one is copied. */
function buffersOf(output: InferenceOutput): ArrayBuffer[] {
  if (output.type !== 'tensors') return []
  const buffers = Object.values(output.tensors).flatMap(({ data }) =>
    data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength ? [data.buffer] : [],
  )
  return [...new Set(buffers)]
}
