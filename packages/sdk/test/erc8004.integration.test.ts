import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import {
  assertRegistries,
  type Erc8004Registries,
  erc8004Registries,
  getAgent,
  getAgentRegistration,
  getFeedback,
  getFeedbackSummary,
  getValidation,
  giveFeedback,
  registerAgent,
  registrationType,
  requestValidation,
  revokeFeedback,
  setAgentUri,
  setAgentWallet,
} from '@proof-of-inference/sdk/erc8004'
import { digest, digestToCid } from '@proof-of-inference/sdk/payload'
import { createWalletClient, getAddress, http, keccak256, toHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

let devnet: Devnet
let registries: Erc8004Registries
let agentId: bigint
/** Served from this machine, by path. */
const files = new Map<string, { status?: number; headers?: Record<string, string>; body?: string }>()
let server: Server
let origin: string

beforeAll(async () => {
  devnet = await createDevnet({ stakes: [] })
  registries = devnet.deployment
  server = createServer((request, response) => {
    const { status = 200, headers = {}, body = '' } = files.get(request.url ?? '') ?? { status: 404 }
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const registered = await registerAgent(connect('agent'), {
    registries,
    uri: 'https://agent.example.com/card.json',
    metadata: [{ key: 'model', value: '0x01' }],
  })
  agentId = registered.agentId
})
afterAll(async () => {
  server?.close()
  await devnet?.stop()
})

function connect(role: 'deployer' | 'requester' | 'agent') {
  const account = devnet.accounts[role]
  return createWalletClient({ account, chain: devnet.chain, transport: http(), cacheTime: 0 })
}

const registration = () => ({
  type: registrationType,
  name: 'A detector of speech',
  description: 'Finds speech in audio.',
  image: '',
  services: [{ name: 'web', endpoint: 'https://agent.example.com' }],
  x402Support: false,
  active: true,
  registrations: [
    { agentId: Number(agentId), agentRegistry: `eip155:${registries.chainId}:${registries.identityRegistry}` },
  ],
})

/** The registration of the agent, once it is at the URI. */
async function readFrom(uri: string, options: object = {}) {
  await setAgentUri(connect('agent'), { registries, agentId, uri })
  return getAgentRegistration(devnet.client, { registries, agentId, ...options })
}

test('an agent is registered, found and given another wallet', async () => {
  const { agent, requester } = devnet.accounts
  expect(await getAgent(devnet.client, { registries, agentId })).toEqual({
    agentId: 0n,
    owner: agent.address,
    uri: 'https://agent.example.com/card.json',
    wallet: agent.address,
  })
  await setAgentWallet(connect('agent'), { registries, agentId, wallet: requester })
  expect(await getAgent(devnet.client, { registries, agentId })).toMatchObject({ wallet: requester.address })
  await expect(getAgent(devnet.client, { registries, agentId: 9n })).rejects.toMatchObject({
    name: 'AgentNotFoundError',
    agentId: 9n,
  })
  await expect(setAgentUri(connect('requester'), { registries, agentId, uri: '' })).rejects.toMatchObject({
    name: 'ContractRevertedError',
    reason: 'Not authorized',
  })
})

test('a registration file is read from the chain, a server, or a gateway', async () => {
  const json = JSON.stringify(registration())
  const expected = { registration: registration(), isListed: true }
  expect(await readFrom(`data:application/json;base64,${btoa(json)}`)).toMatchObject({
    ...expected,
    integrity: 'chain',
  })
  expect(await readFrom(`data:application/json,${encodeURIComponent(json)}`)).toMatchObject(expected)
  files.set('/card.json', { body: json })
  const local = { allowPrivateNetwork: true }
  expect(await readFrom(`${origin}/card.json`, local)).toMatchObject({ ...expected, integrity: 'none' })

  const cid = digestToCid(await digest(new TextEncoder().encode(json)), 'raw').toString()
  files.set(`/ipfs/${cid}`, { body: json })
  const gateway = { ...local, ipfsGateway: `${origin}/ipfs/` }
  expect(await readFrom(`ipfs://${cid}`, gateway)).toMatchObject({ ...expected, integrity: 'hash' })
  files.set(`/ipfs/${cid}`, { body: json.replace('speech', 'silence') })
  await expect(readFrom(`ipfs://${cid}`, gateway)).rejects.toMatchObject({ name: 'AgentRegistrationUnavailableError' })
  files.set(`/ipfs/${cid}/card.json`, { body: json })
  expect(await readFrom(`ipfs://${cid}/card.json`, gateway)).toMatchObject({ ...expected, integrity: 'none' })
})

test.each(['/../../card.json', '/a/%2e%2e/../../card.json', '/..\\..\\card.json'])(
  'refuses a path that leaves its folder on a gateway: %s',
  async (path) => {
    files.set('/card.json', { body: JSON.stringify(registration()) })
    const gateway = { allowPrivateNetwork: true, ipfsGateway: `${origin}/ipfs` }
    await expect(readFrom(`ipfs://bafkqaaa${path}`, gateway)).rejects.toMatchObject({
      name: 'AgentRegistrationUnavailableError',
      message: expect.stringContaining('leaves the folder'),
    })
  },
)

test('a file that names another agent is not the agent of its URI', async () => {
  const other = { ...registration(), registrations: [{ ...registration().registrations[0], agentId: 5 }] }
  expect(await readFrom(`data:,${encodeURIComponent(JSON.stringify(other))}`)).toMatchObject({ isListed: false })
})

test.each([
  ['no URI', () => '', 'names none'],
  ['a private address', () => `https://${new URL(origin).host}/card.json`, '127.0.0.1 is not a public address'],
  ['plain http', () => 'http://agent.example.com/card.json', 'The scheme http: is not allowed'],
  ['another scheme', () => 'file:///etc/passwd', 'The scheme file: is not allowed'],
  ['IPFS without a gateway', () => 'ipfs://bafkqaaa', 'no `ipfsGateway` was given'],
  ['no URI at all', () => 'card.json', 'Invalid URL'],
  ['too much on the chain', () => `data:,${'x'.repeat(2000)}`, 'too large', { maxBytes: 1000 }],
  ['a redirect', () => `${origin}/redirect`, 'it redirects', { allowPrivateNetwork: true }],
  ['a missing file', () => `${origin}/missing`, 'answered 404', { allowPrivateNetwork: true }],
  ['a large file', () => `${origin}/large`, 'too large', { allowPrivateNetwork: true, maxBytes: 1000 }],
] as [string, () => string, string, object?][])('refuses %s', async (_, uri, reason, options = {}) => {
  files.set('/redirect', { status: 302, headers: { location: `${origin}/card.json` } })
  files.set('/large', { body: 'x'.repeat(1001) })
  const error: unknown = await readFrom(uri(), options).catch((error: unknown) => error)
  expect(error).toMatchObject({ name: 'AgentRegistrationUnavailableError', agentId })
  expect(String(error)).toContain(reason)
})

test.each([
  ['is no JSON', '{', /not JSON/],
  ['is of another type', JSON.stringify({ type: 'other' }), /type/],
  ['is null', 'null', /Object/],
])('refuses what %s', async (_, text, issue) => {
  await expect(readFrom(`data:,${encodeURIComponent(text)}`)).rejects.toMatchObject({
    name: 'AgentRegistrationInvalidError',
    issues: expect.arrayContaining([expect.stringMatching(issue)]),
  })
})

test('feedback is given, revoked and summed up, of whom one trusts', async () => {
  const client = connect('requester')
  const of = { registries, agentId }
  const { feedbackIndex } = await giveFeedback(client, { ...of, value: 9_977n, valueDecimals: 2, tag1: 'uptime' })
  expect(feedbackIndex).toBe(1n)
  await giveFeedback(client, { ...of, value: -5n, valueDecimals: 2 })
  const clients = [client.account.address]
  expect(await getFeedbackSummary(devnet.client, { ...of, clients })).toEqual({ count: 2n, mean: 4_986n, decimals: 2 })
  await revokeFeedback(client, { ...of, feedbackIndex: 2n })
  expect(await getFeedbackSummary(devnet.client, { ...of, clients })).toMatchObject({ count: 1n, mean: 9_977n })
  expect(await getFeedback(devnet.client, { ...of, clients, includeRevoked: true })).toMatchObject([
    { feedbackIndex: 1n, value: 9_977n, valueDecimals: 2, tag1: 'uptime', isRevoked: false },
    { feedbackIndex: 2n, value: -5n, isRevoked: true },
  ])
  expect(await getFeedbackSummary(devnet.client, { ...of, clients: [registries.identityRegistry] })).toMatchObject({
    count: 0n,
    mean: null,
  })
  await expect(getFeedbackSummary(devnet.client, { ...of, clients: [...clients, ...clients] })).rejects.toThrow(
    RangeError,
  )
  await expect(giveFeedback(connect('agent'), { ...of, value: 1n })).rejects.toMatchObject({
    reason: 'Self-feedback not allowed',
  })
})

test('a validation is told by its events', async () => {
  const requestHash = keccak256(toHex('any request'))
  const { address } = devnet.accounts.deployer
  const read = () =>
    getValidation(devnet.client, { registries, requestHash, fromBlock: 0n, blocksPerQuery: 1_000_000n })
  await expect(read()).rejects.toMatchObject({ name: 'ValidationNotFoundError', requestHash })
  await requestValidation(connect('agent'), { registries, validator: address, agentId, requestHash, uri: 'ipfs://it' })
  expect(await read()).toMatchObject({
    validator: address,
    agentId,
    answers: [],
    flips: 0,
    isConsistent: true,
    request: { uri: 'ipfs://it' },
  })
})

test('registries are checked before they are trusted', async () => {
  await assertRegistries(devnet.client, { ...registries, reputationRegistry: null, validationRegistry: null })
  const { identityRegistry, reputationRegistry, validationRegistry, avs } = devnet.deployment
  const check = (changes: Partial<Erc8004Registries>, error: object) =>
    expect(assertRegistries(devnet.client, { ...registries, ...changes })).rejects.toMatchObject(error)
  await check({ chainId: 1 }, { name: 'ChainMismatchError' })
  await check({ identityRegistry: avs }, { name: 'UnsupportedRegistryError', contract: 'identityRegistry' })
  await check({ identityRegistry: validationRegistry }, { name: 'UnsupportedRegistryError' })
  await check({ validationRegistry: avs }, { name: 'UnsupportedRegistryError', contract: 'validationRegistry' })
  await check(
    { validationRegistry: erc8004Registries[1].reputationRegistry },
    { name: 'ContractCodeMissingError', contract: 'validationRegistry' },
  )
  // It has the version, but not the agents.
  await check({ reputationRegistry: identityRegistry }, { contract: 'reputationRegistry' })
  expect(reputationRegistry).not.toBe(identityRegistry)
})

test('the table of registries is well-formed', () => {
  for (const [chainId, each] of Object.entries(erc8004Registries)) {
    expect(each.chainId).toBe(Number(chainId))
    expect(getAddress(each.identityRegistry)).toBe(each.identityRegistry)
    expect(getAddress(each.reputationRegistry)).toBe(each.reputationRegistry)
  }
})
