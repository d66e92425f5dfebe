import type { InferenceInput, InferenceOutput } from '@proof-of-inference/sdk/payload'
import type { InferenceRequest } from '@proof-of-inference/sdk/requester'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { formatEther } from 'viem'
import { assurance, connectMarket, fetchSettings, type Market, reward } from './market.ts'
import { explain } from './problems.ts'
import { readProbability, samples, tamper, toInput } from './samples.ts'
import {
  create,
  drawWave,
  find,
  findChoices,
  findStep,
  type Step,
  setEnabled,
  setText,
  showProblem,
  toText,
} from './view.ts'
import { createVotes, shorten } from './votes.ts'

const network = findStep('reconnect', 'network')
const run = findStep('run', 'run')
const verify = findStep('verify', 'verify')
const check = findStep('check', 'check')
const load = find('load', HTMLProgressElement)
const outcomeText = find('outcome', HTMLParagraphElement)
const receiptLists = find('receipt', HTMLDivElement)
const sampleChoices = find('samples', HTMLFieldSetElement)
const claimChoices = find('claims', HTMLFieldSetElement)
const votes = createVotes(assurance)

const sounds = findChoices('sample', {
  silence: { name: 'Silence', audio: samples.silence },
  tone: { name: 'Tone', audio: samples.tone },
  vowel: { name: 'Vowel', audio: samples.vowel },
})
const claims = findChoices<(output: InferenceOutput) => InferenceOutput>('claim', {
  honest: (output) => output,
  tampered: tamper,
})
for (const { label, choice } of sounds.rows) {
  const picture = label?.querySelector('svg')
  if (picture) drawWave(picture, choice.audio)
}

/** What is known so far. Each step needs what the one before it found. */
let rpcUrl: string | undefined
let market: Market | undefined
let runner: Runner | undefined
let ran: { readonly input: InferenceInput; readonly output: InferenceOutput } | undefined
let decided: InferenceRequest | undefined
let isBusy = false

/** What can be done now. */
function refresh(): void {
  sampleChoices.disabled = isBusy
  claimChoices.disabled = isBusy || !ran
  setEnabled(network, !isBusy)
  setEnabled(run, !isBusy && market !== undefined)
  setEnabled(verify, !isBusy && ran !== undefined)
  setEnabled(check, !isBusy && decided !== undefined)
}

/** Does one thing at a time, and tells how it went. */
async function attempt(step: Step, doing: string, work: () => Promise<string>): Promise<void> {
  isBusy = true
  refresh()
  showProblem(step, undefined)
  step.status.textContent = doing
  try {
    step.status.textContent = await work()
  } catch (error) {
    const funds = await market?.getFunds().catch(() => undefined) // the chain may be what does not answer
    step.status.textContent = 'It did not work.'
    showProblem(step, explain(error, { rpcUrl, funds }))
  } finally {
    isBusy = false
    refresh()
  }
}

function showOutcome(status: string, title: string, says: string): void {
  outcomeText.dataset.status = status
  outcomeText.replaceChildren(create('strong', {}, title), ` ${says}`)
}

/** Forgets what came of a claimed output. */
function forgetOutcome(): void {
  decided = undefined
  votes.clear()
  showOutcome('none', 'No outcome yet.', '')
  receiptLists.hidden = true
  check.status.textContent = 'There is a receipt once operators have decided.'
  for (const step of [verify, check]) showProblem(step, undefined)
}

/** Forgets what came of a sound. */
function forgetOutput(): void {
  ran = undefined
  for (const id of ['output', 'runtime']) setText(id, 'not yet run')
  setText('honest', 'not yet run')
  setText('tampered', 'the opposite')
  verify.status.textContent = 'Run the model first: then there is an output to verify.'
  forgetOutcome()
}

/** An amount with its unit, which stay on one line. */
const toEther = (wei: bigint) => `${formatEther(wei)}\u00a0ETH`
const toSpeech = (probability: number) => `${(100 * probability).toFixed(1)}\u00a0% speech`
const toMegabytes = (bytes: number) => (bytes / 1e6).toFixed(1)

async function showFunds(connected: Market): Promise<void> {
  const funds = Number(formatEther(await connected.getFunds())).toFixed(3)
  setText('requester', `${shorten(connected.requester)}, ${funds} ETH`)
}

async function connect(): Promise<string> {
  const settings = await fetchSettings()
  rpcUrl = settings.rpcUrl
  const connected = await connectMarket(settings)
  const { manifest, model, agent, agentId, fee } = connected
  votes.show(await connected.getOperators())
  await showFunds(connected)
  setText('model', manifest.name)
  setText('version', model.replace(/^0x\w+/, shorten))
  setText('agent', `${shorten(agent)}, number ${agentId}`)
  setText('reward', `${toEther(reward)} if it is verified`)
  setText('fee', `${toEther(fee)} to the operators`)
  market = connected
  run.status.textContent = 'Ready. The first run loads the model.'
  return `Connected to the chain at ${rpcUrl}.`
}

async function runModel(connected: Market): Promise<string> {
  const { name, audio } = sounds.chosen()
  forgetOutput()
  const { size } = connected.manifest.weights
  runner ??= await connected.loadModel((bytes) => {
    load.value = bytes / size
    const arrived = `Loading the model: ${toMegabytes(bytes)} of ${toMegabytes(size)} MB…`
    run.status.textContent = bytes < size ? arrived : 'Starting the runtime…'
  })
  load.value = 1
  const input = toInput(audio)
  const startedAt = performance.now()
  const output = await runner.run(input)
  const ms = performance.now() - startedAt
  const { engine, version } = output.runtime
  ran = { input, output }
  setText('output', `${name}: ${toSpeech(readProbability(output))}`)
  setText('runtime', `${engine} ${version}`)
  setText('honest', toSpeech(readProbability(output)))
  setText('tampered', `the opposite: ${toSpeech(readProbability(tamper(output)))}`)
  verify.status.textContent = 'Ready.'
  return `Done: the model ran for ${ms.toFixed(0)} ms.`
}

async function haveVerified(connected: Market, { input, output }: NonNullable<typeof ran>): Promise<string> {
  forgetOutcome()
  const request = await connected.request(input, claims.chosen()(output))
  votes.show(await connected.getOperators(request.request.referenceTimepoint), 'waiting')
  showOutcome('open', 'Open.', 'Votes are awaited.')
  verify.status.textContent = `Request ${shorten(request.id)} waits for votes, for a minute at most.`
  const outcome = await connected.watch(request, votes.tell).catch((error: unknown) => {
    votes.close('not known')
    showOutcome(
      'unknown',
      'Not known.',
      `Request ${shorten(request.id)} is open and paid. What becomes of it is not known here.`,
    )
    throw error
  })
  votes.close(outcome.status === 'expired' ? 'did not vote' : 'was not needed')
  await showFunds(connected)
  const price = toEther(reward)
  if (outcome.status === 'expired') {
    showOutcome('expired', 'Expired.', 'No quorum in time. Reward and fee went back to the requester.')
    check.status.textContent = 'A request that expired has no receipt.'
    return 'Nobody decided. Make sure that the operators run, then have it verified again.'
  }
  if (outcome.status === 'verified')
    showOutcome('verified', `Verified, ${outcome.response} of 100.`, `The model says this. The agent has its ${price}.`)
  else showOutcome('rejected', 'Rejected.', `The model does not say this. The ${price} went back to the requester.`)
  decided = request
  check.status.textContent = 'Ready.'
  return `Request ${shorten(request.id)} was decided after ${outcome.latency} s.`
}

async function checkReceipt(request: InferenceRequest): Promise<string> {
  const { status, proven, notProven } = await request.receipt()
  find('proven', HTMLUListElement).replaceChildren(...proven.map((fact) => create('li', {}, ...toText(fact))))
  find('not-proven', HTMLUListElement).replaceChildren(...notProven.map((fact) => create('li', {}, ...toText(fact))))
  receiptLists.hidden = false
  return `The receipt says: ${status}. ${proven.length} facts are proven, ${notProven.length} are not.`
}

async function start(): Promise<void> {
  await attempt(network, 'Looking for the market…', connect)
  network.button.hidden = market !== undefined
}

network.button.addEventListener('click', () => {
  if (!isBusy) void start()
})
run.button.addEventListener('click', () => {
  const connected = market
  if (!isBusy && connected) void attempt(run, 'Loading the model…', () => runModel(connected))
})
verify.button.addEventListener('click', () => {
  const [connected, what] = [market, ran]
  if (!isBusy && connected && what) void attempt(verify, 'Opening a request…', () => haveVerified(connected, what))
})
check.button.addEventListener('click', () => {
  const request = decided
  if (!isBusy && request) void attempt(check, 'Posting the outcome, and checking it…', () => checkReceipt(request))
})
sampleChoices.addEventListener('change', () => {
  forgetOutput()
  run.status.textContent = 'Ready.'
  refresh()
})
claimChoices.addEventListener('change', () => {
  forgetOutcome()
  verify.status.textContent = 'Ready.'
  refresh()
})
refresh()
void start()
