import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import {
  type Attestation,
  hashJob,
  hashRequest,
  type Job,
  proofOfInferenceActions,
  type Request,
} from '@proof-of-inference/sdk'
import { encodeSettleCertificates } from '@proof-of-inference/sdk/actions'
import { requestValidation } from '@proof-of-inference/sdk/erc8004'
import {
  type Account,
  bytesToHex,
  createWalletClient,
  type Hex,
  http,
  keccak256,
  parseAbi,
  parseEther,
  publicActions,
  sha256,
  toHex,
  zeroAddress,
} from 'viem'
import type { BenchContext } from './main.ts'

/** The baseline: what an earlier prototype spent on the same work, one inference and three verifiers. */
const prototype = {
  /** 1 KiB in, 256 B out. */
  small: 1_904_328,
  /** 8 KiB in, 1 KiB out. */
  large: 7_538_342,
  registerModel: 120_893,
}

/** Requests over which claims and withdrawals are spread, and that are settled together on the fast path. */
const round = 32
const batchSize = 256

type Size = { input: number; output: number }
const small: Size = { input: 1024, output: 256 }
const large: Size = { input: 8192, output: 1024 }

type GasCase = {
  readonly name: string
  /** Per inference; of a call that stands alone, its own. */
  readonly gas: number
  readonly prototype?: number
  readonly ratio?: number
  readonly bar?: number
}

export type GasReport = {
  /** The ways, then calls that stand alone: these are counted in no ratio unless the way has them. */
  readonly cases: readonly GasCase[]
  /** Things that happen once, or on first use. */
  readonly once: readonly GasCase[]
  /** Where the gas of one request on the fast path goes; the sum is what the chain charges at the least. */
  readonly floor: readonly { readonly what: string; readonly gas: number }[]
}

/**
 * Gas of a verified inference by each way, with claims and withdrawals, in the steady state: every account and model
 * has been used before, and every request is of a new job. First without an agent, then with one that consents, so that
 * its and the model's records grow.
 */
export async function gas({ progress }: BenchContext): Promise<GasReport> {
  await using devnet = await createDevnet()
  // The chain mines for transactions only: a block that is overlooked while it is busy would be the last one.
  const ticking = setInterval(() => void devnet.mine().catch(() => {}), 1_000)
  using _ = { [Symbol.dispose]: () => clearInterval(ticking) }
  const market = await openMarket(devnet)
  const ways: { name: string; prototype: number; bar?: number; inferences?: number; run: () => Promise<bigint> }[] = [
    { name: 'direct, inline, 1 KiB', prototype: prototype.small, bar: 0.25, run: () => market.direct(small) },
    { name: 'direct, inline, 8 KiB', prototype: prototype.large, run: () => market.direct(large) },
    { name: 'aggregated, inline, 1 KiB', prototype: prototype.small, bar: 0.2, run: () => market.aggregated(small) },
    {
      name: 'aggregated, off-chain payload, 1 KiB',
      prototype: prototype.small,
      bar: 0.18,
      run: () => market.aggregated(),
    },
    {
      name: 'aggregated, off-chain payload, 8 KiB',
      prototype: prototype.large,
      bar: 0.05,
      run: () => market.aggregated(),
    },
    {
      name: `aggregated, off-chain payload, ${round} requests a ballot call`,
      prototype: prototype.small,
      run: () => market.aggregated(undefined, round),
    },
    {
      name: `fast path, ${round} requests a call`,
      prototype: prototype.small,
      bar: 0.05,
      run: () => market.certified(),
    },
    {
      name: `batch of ${batchSize}, aggregated, per inference`,
      prototype: prototype.small,
      bar: 0.001,
      inferences: batchSize,
      run: () => market.aggregated(),
    },
  ]
  const cases: GasCase[] = []
  for (const isAgentNamed of [false, true]) {
    if (isAgentNamed) market.nameAgent()
    for (const { name, prototype: reference, bar, inferences = 1, run } of ways) {
      const title = isAgentNamed ? `${name}, with an agent` : name
      progress(title)
      await run()
      const spent = Number(await run()) / round / inferences
      const ratio = spent / reference
      cases.push({
        name: title,
        gas: Math.round(spent * 10) / 10,
        prototype: reference,
        ratio: Math.round(ratio * 1e6) / 1e6,
        ...(bar !== undefined && !isAgentNamed && { bar }),
      })
    }
  }
  return { cases: [...cases, ...(await measureCalls(progress))], once: market.once, floor: await market.explain() }
}

/** What each call of a request with an agent costs, where everything is used for the first time, and the next time. */
async function measureCalls(progress: BenchContext['progress']): Promise<GasCase[]> {
  progress('calls that stand alone')
  await using devnet = await createDevnet()
  const market = await openMarket(devnet)
  market.nameAgent()
  const [first, next] = [await market.stepByStep(), await market.stepByStep()]
  return [...first].flatMap(([name, gas]) => [
    { name: `${name}, first`, gas: Number(gas) },
    { name, gas: Number(next.get(name)) },
  ])
}

async function openMarket(devnet: Devnet) {
  const { accounts, chain, deployment } = devnet
  const connect = <account extends Account>(account: account) =>
    createWalletClient({ account, chain, transport: http(), pollingInterval: 20, cacheTime: 0 })
      .extend(publicActions)
      .extend(proofOfInferenceActions({ deployment }))
  const requester = connect(accounts.requester)
  const agent = connect(accounts.agent)
  const relay = connect(accounts.deployer)
  const once: GasCase[] = []

  const methodId = keccak256(toHex('@proof-of-inference/verifier-exact@1'))
  const version = { manifestDigest: sha256('0x01'), policyDigest: sha256('0x02'), methodId, validConfidence: 9900 }
  const register = (name: string, fees: { asset: Hex; accepted: boolean; minimumFee: bigint }[]) =>
    requester.registerModel({ name, version, fees })
  const { gasUsed: withoutFees } = await register('plain', [])
  const { modelVersionId, gasUsed } = await register('model', [{ asset: zeroAddress, accepted: true, minimumFee: 1n }])
  once.push(toOnce('registerModel, no fee', withoutFees, prototype.registerModel))
  once.push(toOnce('registerModel, one fee', gasUsed, prototype.registerModel))
  const registration = await agent.waitForTransactionReceipt({
    hash: await agent.writeContract({
      address: deployment.identityRegistry,
      abi: parseAbi(['function register() returns (uint256 agentId)']),
      functionName: 'register',
    }),
  })
  once.push(toOnce('ERC-8004 register', registration.gasUsed))
  once.push(
    toOnce('deposit, first', (await requester.deposit({ asset: zeroAddress, amount: parseEther('1000') })).gasUsed),
  )

  // As `createRequester` draws them: in a row, from a random word on.
  let nonce = BigInt(randomBytes(31)) << 8n
  let agentId: bigint | undefined
  async function create(size?: Size) {
    const payloads = size ? { input: randomPayload(size.input), output: randomPayload(size.output) } : undefined
    const job: Job = {
      modelVersionId,
      inputDigest: payloads ? sha256(payloads.input) : randomBytes(32),
      outputDigest: payloads ? sha256(payloads.output) : randomBytes(32),
      hasAgent: agentId !== undefined,
      agentId: agentId ?? 0n,
      payee: accounts.agent.address,
      quorumBps: 6667,
      minAttestations: 3,
      minConfidence: 9000,
      salt: randomBytes(32),
    }
    const { timestamp } = await requester.getBlock()
    const request: Request = {
      jobId: hashJob({ deployment, job }),
      requester: accounts.requester.address,
      asset: zeroAddress,
      reward: parseEther('0.001'),
      verificationFee: parseEther('0.0003'),
      deadline: Number(timestamp) + 1800,
      referenceTimepoint: (await requester.getClock()) - 1,
      commitWindow: 0,
      nonce: nonce++,
    }
    const consent = agentId === undefined ? undefined : await agent.signConsent({ job })
    const votes = await Promise.all(
      accounts.operators.map(async ({ account, signer }) => {
        const attestation: Attestation = {
          requestId: hashRequest({ deployment, request }),
          operator: account.address,
          isValid: true,
          confidence: 9900,
          method: methodId,
          evidenceDigest: randomBytes(32),
        }
        return { attestation, signature: await requester.signAttestation({ account: signer, attestation }) }
      }),
    )
    return { job, request, consent, votes, payloads }
  }
  function randomPayload(size: number): Hex {
    // Web crypto gives 64 KiB at most, which is enough.
    return randomBytes(size)
  }

  async function open(size?: Size) {
    const created = await create(size)
    const { request, job, consent, payloads } = created
    const { gasUsed } = await requester.requestInferenceVerification({ request, job, consent, ...payloads })
    return { ...created, gasUsed }
  }

  /**
   * Each of the operators that were not paid at once claims all of the requests together; then each account takes its
   * money out.
   */
  async function collect(requests: readonly Request[], { claims }: { claims: boolean }): Promise<bigint> {
    let total = 0n
    if (claims) {
      // The last one's vote decided, which paid it.
      for (const { account } of accounts.operators.slice(0, -1)) {
        total += (await relay.claimFees({ operator: account.address, requests })).gasUsed
      }
    }
    const owners = [...accounts.operators.map(({ account }) => account.address), accounts.agent.address]
    for (const owner of owners) {
      if ((await relay.getEarnings({ asset: zeroAddress, account: owner })) === 0n) continue
      total += (await relay.withdrawEarnings({ asset: zeroAddress, owner })).gasUsed
    }
    return total
  }

  async function createCertificates() {
    const certificates = []
    for (let index = 0; index < round; index++) {
      const created = await create()
      const requesterSignature = await requester.signRequest({ request: created.request })
      certificates.push({ ...created, requesterSignature })
    }
    return certificates
  }

  async function certify() {
    const certificates = await createCertificates()
    const { results, ...transaction } = await relay.settleCertificates({ certificates })
    const failed = results.find(({ status }) => status !== 'verified')
    if (failed) throw failed.error ?? new Error('A certificate was not decided.')
    return transaction
  }

  return {
    once,
    /** From now on jobs name the agent, which consents; its record and the model's grow. */
    nameAgent() {
      agentId = 0n
    },
    /** Every operator sends its own vote. */
    async direct(size: Size): Promise<bigint> {
      let total = 0n
      const requests: Request[] = []
      for (let index = 0; index < round; index++) {
        const { request, job, votes, gasUsed } = await open(size)
        total += gasUsed
        for (const vote of votes) total += (await relay.submitVerification({ request, job, ...vote })).gasUsed
        requests.push(request)
      }
      return total + (await collect(requests, { claims: true }))
    },
    /** The votes on a request travel together; with those on others where `together` is over 1. */
    async aggregated(size?: Size, together = 1): Promise<bigint> {
      let total = 0n
      const requests: Request[] = []
      for (let index = 0; index < round; index += together) {
        const ballots: Awaited<ReturnType<typeof open>>[] = []
        for (let each = 0; each < together; each++) ballots.push(await open(size))
        total += ballots.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
        const { gasUsed, results } = await relay.submitVerifications({ ballots })
        if (results.some(({ status }) => status !== 'verified')) throw new Error('A ballot was not decided.')
        total += gasUsed
        requests.push(...ballots.map(({ request }) => request))
      }
      return total + (await collect(requests, { claims: false }))
    },
    /** One request, with each call that can be made for it alone. By call. */
    async stepByStep(): Promise<Map<string, bigint>> {
      const { request, job, consent, votes } = await create()
      if (consent === undefined) throw new Error('No agent is named.')
      const operator = votes[0]?.attestation.operator
      if (operator === undefined) throw new Error('There is no operator.')
      const gasOf = new Map<string, bigint>()
      const measure = async (name: string, call: Promise<{ gasUsed: bigint }>) => gasOf.set(name, (await call).gasUsed)
      await measure('recordConsent', agent.recordConsent({ job, consent }))
      await measure(
        'ERC-8004 validationRequest, the filing of a validation request',
        requestValidation(agent, {
          ...{ registries: deployment, validator: deployment.avs, agentId: job.agentId, requestHash: request.jobId },
        }),
      )
      await measure(
        'requestInferenceVerification, off-chain payload, consent recorded',
        requester.requestInferenceVerification({ request, job }),
      )
      const titles = [
        'submitVerification, first of three',
        'submitVerification, second of three',
        'submitVerification, decides',
      ]
      for (const [index, vote] of votes.entries())
        await measure(titles[index] ?? `vote ${index}`, relay.submitVerification({ request, job, ...vote }))
      await measure('postReceipt', relay.postReceipt({ job }))
      await measure('postFeedback', relay.postFeedback({ job }))
      await measure('claimFees, one request', relay.claimFees({ operator, requests: [request] }))
      await measure('withdrawEarnings', relay.withdrawEarnings({ asset: zeroAddress, owner: operator }))
      return gasOf
    },
    certified: async () => {
      const { gasUsed } = await certify()
      return gasUsed + (await collect([], { claims: false }))
    },
    /** Per request, from a trace of a settled round: what each kind of instruction costs, calls counted where they lead. */
    async explain(): Promise<GasReport['floor']> {
      const certificates = await createCertificates()
      const data = encodeSettleCertificates(certificates)
      const from = accounts.deployer.address
      const gasUsed = await requester.estimateGas({ account: from, to: deployment.avs, data })
      const trace = await traceCall(devnet.rpcUrl, { from, to: deployment.avs, data })
      const spent = new Map<string, number>()
      const add = (what: string, gas: number) => spent.set(what, (spent.get(what) ?? 0) + gas)
      let inside = 0
      for (const [index, { op, gasCost, depth, gas, stack }] of trace.structLogs.entries()) {
        const next = trace.structLogs[index + 1]
        const kind = kinds.find(({ pattern }) => pattern.test(op))?.what ?? 'computation and memory'
        // What is given to a called contract is not spent yet; a precompile has no steps of its own.
        const isCall = /CALL$/.test(op)
        const left = next && next.depth <= depth ? gas - next.gas : undefined
        if (isCall)
          add(Number(stack?.at(-2) ?? 0) <= 10 ? 'signature recovery and hashing precompiles' : 'calls', left ?? 0)
        else add(kind, gasCost)
        inside += isCall ? (left ?? 0) : gasCost
      }
      const total = Number(gasUsed)
      add('the transaction and its calldata, less refunds', total - inside)
      return [...spent].map(([what, gas]) => ({ what, gas: Math.round(gas / round) })).sort((a, b) => b.gas - a.gas)
    },
  }
}

const randomBytes = (size: number) => bytesToHex(crypto.getRandomValues(new Uint8Array(size)))

type Step = { op: string; gas: number; gasCost: number; depth: number; stack?: Hex[] }
/** The steps of a call. A trace is larger than what a viem client takes. */
async function traceCall(rpcUrl: string, call: { from: Hex; to: Hex; data: Hex }): Promise<{ structLogs: Step[] }> {
  const options = { disableStorage: true, disableMemory: true, enableMemory: false }
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'debug_traceCall', params: [call, 'latest', options] }),
  })
  const { result } = await response.json()
  return result
}

const kinds = [
  { what: 'storage writes', pattern: /^SSTORE/ },
  { what: 'storage reads', pattern: /^SLOAD/ },
  { what: 'events', pattern: /^LOG/ },
]

function toOnce(name: string, gasUsed: bigint, reference?: number): GasCase {
  const gas = Number(gasUsed)
  return { name, gas, ...(reference !== undefined && { prototype: reference, ratio: gas / reference }) }
}
