import { createDevnet, createPayloadServer } from '@proof-of-inference/devnet'
import { httpPayloadStore, type InferenceInput, type InferenceOutput } from '@proof-of-inference/sdk/payload'
import { createRequester, publishModel } from '@proof-of-inference/sdk/requester'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { exact } from '@proof-of-inference/verifier-exact'
import { createWalletClient, http, nonceManager, zeroAddress } from 'viem'
import type { BenchContext } from './main.ts'
import { createInputs, lineWidth, loadRecognizer } from './models.ts'
import { createStateDirectory, type Message, now, startProcess } from './processes.ts'

const inFlight = 64
const rounds = 9
/** Milliseconds for a round of one of the two. */
const patience = 300_000

type OverheadRound = {
  readonly operatorMs: number
  readonly inferenceMs: number
  readonly ratio: number
  /** Of processor time, which others on the machine change less. */
  readonly cpuRatio: number
}

export type OverheadReport = {
  readonly model: string
  readonly input: readonly number[]
  readonly inFlight: number
  readonly rounds: readonly OverheadRound[]
  readonly medianRatio: number
  readonly medianCpuRatio: number
  readonly bar: number
}

/**
 * How long an operator takes for requests that are all open at once, against bare inference of the same inputs in such a
 * process: by turns. The operator runs the model in a thread of its own, as `workerRunner` does. From the block with the requests to the last signed verdict, stored with its evidence; the operator
 * also publishes evidence and sends its votes meanwhile.
 */
export async function measureOverhead(
  stop: AbortController,
  progress: BenchContext['progress'],
): Promise<OverheadReport> {
  await using devnet = await createDevnet({ stakes: [10n ** 20n] })
  await using server = await createPayloadServer()
  await using state = await createStateDirectory()
  const { rpcUrl, deployment, accounts, chain } = devnet
  const payloads = httpPayloadStore({ url: server.url, allowPrivateNetwork: true })
  const client = createWalletClient({
    account: { ...accounts.requester, nonceManager },
    ...{ chain, transport: http(), pollingInterval: 100 },
  })
  const recognizer = await loadRecognizer()
  const { modelVersionId: model } = await publishModel(client, {
    ...{ deployment, payloads, name: 'pp-ocrv4-rec', policy: exact.policy(), ...recognizer },
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: 1n }],
  })
  const requester = createRequester({ client, deployment, payloads })
  const runner = await onnx().load(recognizer)
  const inferences: { input: InferenceInput; output: InferenceOutput }[] = []
  for (const input of createInputs(inFlight)) {
    stop.signal.throwIfAborted()
    inferences.push({ input, output: await runner.run(input) })
  }
  await runner.dispose()

  await using bare = await startProcess({ role: 'inference', inputs: inFlight }, stop)
  await using operator = await startProcess(
    {
      ...{ role: 'operator', rpcUrl, deployment, payloadsUrl: server.url, stateDirectory: state.directory },
      ...{ index: 0, isThreaded: true },
    },
    stop,
  )

  async function infer(): Promise<{ ms: number; cpuMs: number }> {
    bare.messages.length = 0
    bare.go()
    await bare.until((messages) => messages.some(({ type }) => type === 'inferred'), patience)
    const done = bare.messages.find((message) => message.type === 'inferred')
    if (!done) throw new Error('There was no inference.')
    return done
  }

  /** Opens requests of these inferences in one block, and has them verified. */
  async function verify(batch: typeof inferences): Promise<{ ms: number; cpuMs: number }> {
    await devnet.client.setAutomine(false)
    const opening = batch.map((inference) =>
      requester.request({ model, ...inference, reward: 0n, deadline: { seconds: 3_000 }, signal: stop.signal }),
    )
    const opened = Promise.all(opening)
    for (let pending = 0; pending < batch.length; ) {
      await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, 50))])
      stop.signal.throwIfAborted()
      pending = Number((await devnet.client.getTxpoolStatus()).pending)
    }
    operator.messages.length = 0
    const openedAt = now()
    await devnet.mine()
    await devnet.client.setAutomine(true)
    await opened
    await operator.until((messages) => eventsOf(messages, 'settled').length === batch.length, patience)
    const [first] = eventsOf(operator.messages, 'seen')
    const last = eventsOf(operator.messages, 'verified').at(-1)
    if (!first || !last) throw new Error('The operator did not verify the requests.')
    return { ms: last.at - openedAt, cpuMs: last.cpu - first.cpu }
  }

  // Requests refer to after the operator's store was made.
  await devnet.mine(2)
  // Loads the model.
  await verify(inferences.slice(0, 2))
  const measured: OverheadRound[] = []
  for (let index = 0; index < rounds; index++) {
    // By turns, and the other one first each time.
    const isBareFirst = index % 2 === 0
    const before = isBareFirst ? await infer() : undefined
    const verified = await verify(inferences)
    const inferred = before ?? (await infer())
    const result = {
      operatorMs: Math.round(verified.ms),
      inferenceMs: Math.round(inferred.ms),
      ratio: toRatio(verified.ms / inferred.ms),
      cpuRatio: toRatio(verified.cpuMs / inferred.cpuMs),
    }
    measured.push(result)
    progress(
      `overhead: ${inFlight} requests in ${result.operatorMs} ms, bare inference ${result.inferenceMs} ms, ` +
        `ratio ${result.ratio}, of processor time ${result.cpuRatio}`,
    )
  }
  return {
    model: 'PP-OCRv4 recognition',
    input: [1, 3, 48, lineWidth],
    inFlight,
    rounds: measured,
    medianRatio: median(measured.map(({ ratio }) => ratio)),
    medianCpuRatio: median(measured.map(({ cpuRatio }) => cpuRatio)),
    bar: 1.15,
  }
}

function eventsOf(messages: readonly Message[], type: 'seen' | 'verified' | 'settled') {
  return messages.filter((message) => message.type === 'event' && message.event.type === type)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

const toRatio = (value: number) => Math.round(value * 1000) / 1000
