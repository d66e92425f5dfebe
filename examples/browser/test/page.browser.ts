import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { proofOfInferenceAvsAbi } from '@proof-of-inference/sdk/abis'
import {
  getModelVersion,
  getRequestState,
  getRequests,
  signAttestation,
  submitVerification,
  verifyReceipt,
} from '@proof-of-inference/sdk/actions'
import type { Browser, Locator, Page } from 'playwright-core'
import { zeroHash } from 'viem'
import { build, preview } from 'vite'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Market, startMarket } from '../src/server/market.ts'
import { settingsPlugin } from '../src/server/settingsPlugin.ts'
import {
  desktop,
  type Faults,
  findFaintTexts,
  findMisfits,
  launch,
  openPage,
  phone,
  readLayoutShift,
  type Screen,
} from './browser.ts'

const root = path.resolve(import.meta.dirname, '..')

let directory: string
let browser: Browser
let market: Market
let address: string
const stops: (() => Promise<void>)[] = []

/** Serves the page's build, for a market. */
async function serve({ settings }: Market) {
  const server = await preview({
    root,
    logLevel: 'warn',
    build: { outDir: directory },
    preview: { host: '127.0.0.1', port: 0 },
    plugins: [settingsPlugin(settings)],
  })
  const [url] = server.resolvedUrls?.local ?? []
  if (url === undefined) throw new TypeError('The server has no address.')
  return { url, close: () => server.close() }
}

beforeAll(async () => {
  browser = await launch()
  stops.push(() => browser.close())
  directory = await mkdtemp(path.join(tmpdir(), 'proof-of-inference-browser-'))
  stops.push(() => rm(directory, { recursive: true }))
  await build({ root, logLevel: 'warn', build: { outDir: directory, emptyOutDir: true } })
  market = await startMarket()
  stops.push(async () => market[Symbol.asyncDispose]())
  const server = await serve(market)
  stops.push(server.close)
  address = server.url
})
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
})

let faults: Faults | undefined
afterEach(() => {
  // Whoever expects an error takes it out.
  expect(faults).toEqual({ errors: [], foreign: [] })
})

async function open(screen: Screen = desktop, url = address): Promise<Page> {
  const opened = await openPage(browser, screen)
  faults = opened.faults
  onTestFinished(() => opened.page.context().close())
  await opened.page.goto(url)
  return opened.page
}

const says = (locator: Locator, text: string | RegExp) => locator.filter({ hasText: text }).waitFor()
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const isEnabled = (page: Page, name: string) =>
  page.getByRole('button', { name, exact: true, disabled: false }).waitFor()
const press = async (page: Page, name: string) => {
  await isEnabled(page, name)
  await button(page, name).click()
}

async function expectFits(page: Page): Promise<void> {
  expect(await findMisfits(page)).toEqual([])
  expect(await findFaintTexts(page)).toEqual([])
}

/** What the chain has of the request that was opened last. */
async function readLatest({ devnet: { client, deployment } }: Pick<Market, 'devnet'>) {
  const latest = (await getRequests(client, { deployment })).at(-1)
  if (!latest) throw new RangeError('There is no request.')
  return latest
}

/** An operator votes, as if it had found the output valid. */
async function vote({ devnet }: Market, index: number): Promise<void> {
  const { client, deployment } = devnet
  const operator = devnet.accounts.operators[index]
  if (!operator) throw new RangeError(`There is no operator ${index}.`)
  const { request, job, requestId } = await readLatest({ devnet })
  const { methodId, validConfidence } = await getModelVersion(client, { deployment, ...job })
  const attestation = {
    requestId,
    operator: operator.account.address,
    isValid: true,
    confidence: validConfidence,
    method: methodId,
    evidenceDigest: zeroHash,
  }
  const signature = await signAttestation(client, { account: operator.signer, deployment, attestation })
  await submitVerification(client, { account: operator.account, deployment, request, job, attestation, signature })
}

describe.each([
  ['desktop', desktop],
  ['phone', phone],
])('on a %s', (_, screen) => {
  test('an honest output is verified, and its receipt checked', async () => {
    const page = await open(screen)
    await page.getByRole('radio', { name: /^Vowel/ }).check()
    await expectFits(page)
    await press(page, 'Run the model')
    await says(page.locator('#output'), 'Vowel: 87.0 % speech')
    await press(page, 'Have it verified')
    await says(page.locator('#outcome'), 'Verified, 99 of 100.')
    await isEnabled(page, 'Check the receipt')
    expect(await page.getByRole('row', { name: /valid, 99.97\s%/ }).count()).toBeGreaterThan(1)
    expect(await page.getByRole('progressbar', { name: 'Valid', exact: true }).getAttribute('value')).toMatch(
      /^(0.[78]|1)$/,
    )
    expect(await page.getByRole('progressbar', { name: 'Invalid' }).getAttribute('value')).toBe('0')
    await press(page, 'Check the receipt')
    await says(page.locator('#check-status'), 'The receipt says: verified. 12 facts are proven, 4 are not.')
    expect(await page.locator('#proven li').count()).toBe(12)
    await expectFits(page)
    expect(await readLayoutShift(page)).toBeLessThan(0.01)

    // The page says what the chain has.
    const { client, deployment } = market.devnet
    const { requestId, jobId } = await readLatest(market)
    expect(await getRequestState(client, { deployment, requestId })).toMatchObject({ status: 'verified' })
    expect(await verifyReceipt(client, { deployment, jobId })).toMatchObject({ status: 'verified', response: 99 })
  })

  test('a tampered output is rejected', async () => {
    const page = await open(screen)
    await press(page, 'Run the model')
    await says(page.locator('#output'), 'Silence: 1.2 % speech')
    await page.getByRole('radio', { name: /^Tampered/ }).check()
    await says(page.locator('#claims'), 'the opposite: 98.8 % speech')
    await press(page, 'Have it verified')
    await says(page.locator('#outcome'), 'Rejected. The model does not say this.')
    await press(page, 'Check the receipt')
    await says(page.locator('#check-status'), 'The receipt says: rejected. 12 facts are proven, 4 are not.')
    expect(await page.getByRole('row', { name: /✗ invalid/ }).count()).toBeGreaterThan(1)
    await expectFits(page)
    expect(await readLayoutShift(page)).toBeLessThan(0.01)

    const { client, deployment } = market.devnet
    const { requestId } = await readLatest(market)
    expect(await getRequestState(client, { deployment, requestId })).toMatchObject({ status: 'rejected' })
  })
})

test('everything can be done with the keyboard, and the focus is seen and kept', async () => {
  const page = await open()
  await isEnabled(page, 'Run the model')
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement
      const shown = element?.closest('.choice') ?? element
      if (!element || !shown) return undefined
      const { outlineStyle, outlineWidth } = getComputedStyle(shown)
      const name = element.closest('.choice')?.querySelector('b')?.textContent ?? element.textContent
      return `${name} (${outlineStyle} ${outlineWidth})`
    })
  const tab = async () => {
    await page.keyboard.press('Tab')
    return focused()
  }
  const seen = '(solid 3px)'
  expect(await tab()).toBe(`Silence ${seen}`)
  await page.keyboard.press('ArrowDown')
  expect(await focused()).toBe(`Tone ${seen}`)
  expect(await tab()).toBe(`Run the model ${seen}`)
  await page.keyboard.press('Enter')
  await says(page.locator('#output'), 'Tone: 5.1 % speech')
  expect(await focused()).toBe(`Run the model ${seen}`)
  expect(await tab()).toBe(`As the model gave it ${seen}`)
  await page.keyboard.press('ArrowDown')
  expect(await focused()).toBe(`Tampered ${seen}`)
  expect(await tab()).toBe(`Have it verified ${seen}`)
  await page.keyboard.press('Space')
  await says(page.locator('#outcome'), 'Rejected.')
  await isEnabled(page, 'Check the receipt')
  expect(await tab()).toBe(`Check the receipt ${seen}`)
  await page.keyboard.press('Enter')
  await says(page.locator('#check-status'), 'The receipt says: rejected.')
})

test('what cannot be done yet says why, and everything has a name', async () => {
  const page = await open()
  await isEnabled(page, 'Run the model')
  expect(await page.getByRole('button', { disabled: true }).allTextContents()).toEqual([
    'Have it verified',
    'Check the receipt',
  ])
  for (const each of await page.getByRole('button').all()) {
    const described = await each.getAttribute('aria-describedby')
    expect(await page.locator(`#${described}`).textContent()).toMatch(/\w{3}.*\.$/)
  }
  // Nothing comes of pressing it.
  await button(page, 'Have it verified').click({ force: true })
  expect(await page.locator('#verify-status').textContent()).toBe(
    'Run the model first: then there is an output to verify.',
  )
  expect(await page.getByRole('group', { name: 'Sound' }).getByRole('radio').count()).toBe(3)
  expect(await page.getByRole('group', { name: 'Claimed output' }).getByRole('radio').count()).toBe(2)
  for (const name of ['Run the model', 'Have the output verified', 'Check the receipt'])
    await page.getByRole('region', { name }).waitFor()
  await page.getByRole('table', { name: 'Votes of the operators' }).waitFor()
  for (const name of ['Loading of the model', 'Valid', 'Invalid'])
    expect(await page.getByRole('progressbar', { name, exact: true }).count()).toBe(1)
  expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
  // A claim belongs to its output: another sound, and there is none.
  await press(page, 'Run the model')
  await isEnabled(page, 'Have it verified')
  await page.getByRole('radio', { name: /^Tone/ }).check()
  expect(await page.getByRole('button', { name: 'Have it verified', disabled: true }).count()).toBe(1)
})

/** Of errors that the test causes: the browser, and the runtime, report them on the console as well. */
function expectErrors(pattern: RegExp): void {
  if (!faults) throw new TypeError('No page is open.')
  expect(faults.errors.filter((error) => !pattern.test(error))).toEqual([])
  expect(faults.errors.length).toBeGreaterThan(0)
  faults.errors.length = 0
}
const notFetched = /^Failed to load resource: /

describe('a failure is told in words, with what to do:', () => {
  test('the server does not say where the market is', async () => {
    const page = await open(phone)
    await page.route('**/market.json', (route) => route.abort())
    await page.reload()
    await says(page.getByRole('alert'), 'The server of this page does not say where the market is.')
    await says(page.getByRole('alert'), 'Start it with npm start -w examples/browser')
    await expectFits(page)
    await page.unroute('**/market.json')
    await press(page, 'Try again')
    await says(page.locator('#network-status'), 'Connected to the chain at http://127.0.0.1:')
    expect(await page.getByRole('alert').count()).toBe(0)
    expectErrors(notFetched)
  })

  test('the model does not load', async () => {
    const page = await open(phone)
    const weights = `${market.settings.payloadsUrl}/0x2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f`
    await page.route(weights, (route) => route.abort())
    await press(page, 'Run the model')
    await says(page.getByRole('alert'), 'The payload store does not answer, or does not hold what it should.')
    await page.unroute(weights)
    await page.route(weights, (route) =>
      route.fulfill({ body: 'other bytes', headers: { 'access-control-allow-origin': '*' } }),
    )
    await press(page, 'Run the model')
    await says(page.getByRole('alert'), 'The payload store gave other bytes than the digest names.')
    await page.unroute(weights)
    await page.route('**/*.wasm', (route) => route.abort())
    await press(page, 'Run the model')
    await says(page.getByRole('alert'), 'The model did not load, or did not run.')
    await expectFits(page)
    expectErrors(/^Failed to load resource: |wasm|ArrayBuffer instantiation/)
  })

  test('the wallet has no funds', async () => {
    const { client, accounts } = market.devnet
    const { address } = accounts.requester
    const balance = await client.getBalance({ address })
    const page = await open(phone)
    await press(page, 'Run the model')
    await isEnabled(page, 'Have it verified')
    await client.setBalance({ address, value: 1n })
    onTestFinished(() => client.setBalance({ address, value: balance }))
    await press(page, 'Have it verified')
    await says(
      page.getByRole('alert'),
      "The requester's account does not have the funds: it has 0.000000000000000001 ETH.",
    )
    await expectFits(page)
    await client.setBalance({ address, value: balance })
    await press(page, 'Have it verified')
    await says(page.locator('#outcome'), 'Verified, 99 of 100.')
    await isEnabled(page, 'Check the receipt')
  })

  test('the chain is another one', async () => {
    const { rpcUrl, deployment } = market.settings
    const page = await open(phone)
    await page.route('**/market.json', (route) =>
      route.fulfill({ json: { ...market.settings, deployment: { ...Object(deployment), chainId: 1 } } }),
    )
    await page.reload()
    await says(page.getByRole('alert'), `The chain at ${rpcUrl} does not have the market.`)
    await expectFits(page)
  })

  test('requests are paused', async () => {
    const { client, deployment, accounts } = market.devnet
    const pauseOrNot = async (functionName: 'pauseRequests' | 'unpauseRequests') => {
      const contract = { address: deployment.avs, abi: proofOfInferenceAvsAbi }
      const hash = await client.writeContract({ ...contract, functionName, account: accounts.deployer })
      await client.waitForTransactionReceipt({ hash })
    }
    const page = await open(phone)
    await press(page, 'Run the model')
    await pauseOrNot('pauseRequests')
    onTestFinished(() => pauseOrNot('unpauseRequests'))
    await press(page, 'Have it verified')
    await says(page.getByRole('alert'), 'New requests are paused.')
    await says(page.getByRole('alert'), 'Wait until the owner of the AVS lifts the pause')
    await expectFits(page)
  })

  test('too few operators vote; then the chain stops', async () => {
    await using own = await startMarket()
    const server = await serve(own)
    onTestFinished(server.close)
    await own.stopOperators()
    const page = await open(phone, server.url)
    const votes = page.getByRole('row', { name: /^Operator \d/ })
    await says(votes.nth(0), /no vote yet$/)
    await press(page, 'Run the model')
    await press(page, 'Have it verified')
    await says(page.locator('#outcome'), 'Open.')
    // A vote is shown as it arrives. Half of the stake is not enough.
    await says(votes.nth(0), /waiting$/)
    await vote(own, 0)
    await says(votes.nth(0), /50 %\s*✓ valid, 99.97\s%$/)
    await says(votes.nth(1), /waiting$/)
    await says(page.locator('#valid-weight'), /^50 %$/)
    expect(await page.getByRole('progressbar', { name: 'Valid', exact: true }).getAttribute('value')).toBe('0.5')
    expect(await page.locator('#outcome').textContent()).toContain('Open.')
    await own.devnet.client.increaseTime({ seconds: 61 })
    await own.devnet.mine()
    await says(page.locator('#outcome'), 'Expired. No quorum in time.')
    await says(page.locator('#verify-status'), 'Make sure that the operators run, then have it verified again.')
    await says(page.locator('#check-status'), 'A request that expired has no receipt.')
    await says(votes.nth(0), /✓ valid, 99.97\s%$/)
    await says(votes.nth(1), /did not vote$/)

    await press(page, 'Have it verified')
    await says(page.locator('#outcome'), 'Open.')
    await own.devnet.stop()
    await says(page.locator('#outcome'), /Not known\. Request 0x\w+…\w+ is open and paid/)
    await says(votes.nth(1), /not known$/)
    await says(page.getByRole('alert'), `The chain at ${own.settings.rpcUrl} does not answer.`)
    await press(page, 'Have it verified')
    await says(page.locator('#outcome'), 'No outcome yet.')
    await says(page.getByRole('alert'), `The chain at ${own.settings.rpcUrl} does not answer.`)
    await says(page.getByRole('alert'), 'Start it with npm start -w examples/browser, then load this page again.')
    await expectFits(page)
    await page.reload()
    await says(page.getByRole('alert'), 'The chain at')
    await isEnabled(page, 'Try again')
    expectErrors(notFetched)
  })
})
