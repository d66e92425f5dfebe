import {
  type Address,
  encodeAbiParameters,
  type Hex,
  hexToString,
  isAddressEqual,
  keccak256,
  numberToHex,
  type PrivateKeyAccount,
  parseAbiParameters,
  parseEventLogs,
  recoverAddress,
  zeroAddress,
  zeroHash,
} from 'viem'
import { type DevnetClient, setupGas, succeed } from '../client.ts'
import { devnetCore4Mica } from '../generated/artifacts.ts'
import type { BlsKey } from './bls.ts'
import {
  type Claims,
  encodeGuarantee,
  guaranteeDomain,
  hashClaims,
  hashSubject,
  hashValidationRequest,
} from './protocol.ts'
import { Refusal } from './refusal.ts'

const defaultTtl = 86_400

export type IssuedGuarantee = {
  readonly claims: Claims
  readonly totalAmount: bigint
  readonly certificate: Certificate
}

/** Hex without 0x. */
export type Certificate = { readonly claims: string; readonly signature: string }

export type Tab = {
  readonly id: bigint
  readonly user: Address
  readonly recipient: Address
  readonly asset: Address
  readonly version: 1 | 2
  /** Unix time in seconds, of the chain. */
  readonly start: number
  readonly ttl: number
  readonly guarantees: IssuedGuarantee[]
}

/** How a tab stands: what the core remembers, and what the chain says of it. */
export type TabState = {
  readonly tab: Tab
  readonly total: bigint
  readonly paid: bigint
  readonly status: 'PENDING' | 'OPEN' | 'CLOSED'
  readonly settlement: 'PENDING' | 'SETTLED' | 'FAILED' | 'REMUNERATED'
  /** What of the payer's collateral it holds. */
  readonly locked: bigint
}

export type RecordedPayment = {
  readonly tab: Tab
  readonly hash: Hex
  readonly from: Address
  readonly amount: bigint
  readonly at: number
}

export type LedgerConfig = {
  readonly client: DevnetClient
  readonly contract: Address
  readonly key: BlsKey
  /** Records payments. */
  readonly operator: PrivateKeyAccount
  readonly tokens: readonly Address[]
  readonly validationRegistries: readonly Address[]
}

export type Ledger = ReturnType<typeof createLedger>

/** What the core knows: tabs, the guarantees on them, and the payments it saw. */
export function createLedger(config: LedgerConfig) {
  const { client, contract, key, operator } = config
  const chainId = client.chain.id
  const core = { address: contract, abi: devnetCore4Mica.abi } as const
  const tabs = new Map<bigint, Tab>()
  const payments: RecordedPayment[] = []
  let cursor: bigint | undefined
  let queue: Promise<unknown> = Promise.resolve()

  /** One after the other, so that no two guarantees count on the same collateral. */
  function exclusively<result>(work: () => Promise<result>): Promise<result> {
    const done = queue.then(work)
    queue = done.catch(() => {})
    return done
  }

  /** The chain's clock, which a devnet may have moved. */
  const readTime = async () => Number((await client.getBlock({ blockTag: 'pending' })).timestamp)

  async function readState(tab: Tab): Promise<TabState> {
    const [now, expiration, [paid, remunerated]] = await Promise.all([
      readTime(),
      client.readContract({ ...core, functionName: 'tabExpirationTime' }),
      client.readContract({ ...core, functionName: 'getPaymentStatus', args: [tab.id] }),
    ])
    const last = tab.guarantees.at(-1)
    const total = last?.totalAmount ?? 0n
    const isExpired = now > tab.start + tab.ttl
    const isClaimable = last !== undefined && now <= last.claims.timestamp + Number(expiration)
    const settlement = remunerated
      ? 'REMUNERATED'
      : last && paid >= total
        ? 'SETTLED'
        : last && !isClaimable
          ? 'FAILED'
          : 'PENDING'
    return {
      tab,
      total,
      paid,
      settlement,
      status: remunerated || isExpired ? 'CLOSED' : last ? 'OPEN' : 'PENDING',
      locked: settlement === 'PENDING' ? total - paid : 0n,
    }
  }

  const readStates = (isWanted: (tab: Tab) => boolean) =>
    Promise.all([...tabs.values()].filter(isWanted).map(readState))

  async function readBalance(user: Address, asset: Address) {
    const [[total, , withdrawing], states] = await Promise.all([
      client.readContract({ ...core, functionName: 'getUser', args: [user, asset] }),
      readStates((tab) => isAddressEqual(tab.user, user) && isAddressEqual(tab.asset, asset)),
    ])
    const locked = states.reduce((sum, state) => sum + state.locked, 0n)
    return { total, locked, free: total - locked - withdrawing }
  }

  function getTab(id: bigint): Tab {
    const tab = tabs.get(id)
    if (!tab) throw new Refusal(404, 'tab not found')
    return tab
  }

  /** The active tab of the parties, or a new one. */
  async function openTab(parameters: {
    user: Address
    recipient: Address
    asset: Address
    version: 1 | 2
    ttl: number | null
  }): Promise<Tab> {
    const { user, recipient, asset, version } = parameters
    const expiration = await client.readContract({ ...core, functionName: 'tabExpirationTime' })
    const ttl = parameters.ttl ?? Math.min(defaultTtl, Number(expiration))
    if (ttl < 1 || ttl > expiration) throw new Refusal(400, `ttl must be 1 to ${expiration}`)
    if (asset !== zeroAddress && !config.tokens.some((token) => isAddressEqual(token, asset)))
      throw new Refusal(400, 'unsupported token')
    const states = await readStates(
      (tab) =>
        tab.version === version &&
        isAddressEqual(tab.user, user) &&
        isAddressEqual(tab.recipient, recipient) &&
        isAddressEqual(tab.asset, asset),
    )
    const active = states.find(({ status }) => status !== 'CLOSED')
    if (active) return active.tab
    const id = BigInt(
      keccak256(
        encodeAbiParameters(parseAbiParameters('address, address, uint256'), [user, recipient, BigInt(tabs.size)]),
      ),
    )
    const tab: Tab = { id, user, recipient, asset, version, start: await readTime(), ttl, guarantees: [] }
    tabs.set(id, tab)
    return tab
  }

  async function issue(claims: Claims, signature: Hex, caller: Address): Promise<Certificate> {
    const refuse = (isRefused: boolean, reason: string) => {
      if (isRefused) throw new Refusal(400, reason)
    }
    refuse(!isAddressEqual(claims.recipient_address, caller), 'the token is not the recipient’s')
    const tab = getTab(claims.tab_id)
    const state = await readState(tab)
    if (state.status === 'CLOSED') throw new Refusal(409, 'tab closed')
    const now = await readTime()
    const version = claims.version === 'v1' ? 1 : 2
    refuse(version !== tab.version, 'the tab has another guarantee version')
    refuse(!isAddressEqual(claims.user_address, tab.user), 'the tab has another user')
    refuse(!isAddressEqual(claims.recipient_address, tab.recipient), 'the tab has another recipient')
    refuse(!isAddressEqual(claims.asset_address, tab.asset), 'the tab has another asset')
    refuse(claims.amount === 0n, 'amount is zero')
    refuse(
      tab.guarantees.some((each) => each.claims.req_id === claims.req_id),
      'duplicate request id',
    )
    refuse(claims.timestamp > now, 'timestamp is in the future')
    refuse(claims.timestamp < tab.start || claims.timestamp > tab.start + tab.ttl, 'timestamp is outside the tab')
    if (claims.version === 'v2') {
      refuse(claims.job_hash === zeroHash, 'job hash is zero')
      refuse(claims.min_validation_score < 1 || claims.min_validation_score > 100, 'minimum score is not 1 to 100')
      refuse(claims.validation_chain_id !== chainId, 'validation is on another chain')
      refuse(
        !config.validationRegistries.some((each) => isAddressEqual(each, claims.validation_registry_address)),
        'untrusted validation registry',
      )
      refuse(claims.validation_subject_hash !== hashSubject(claims), 'validation subject hash is not canonical')
      refuse(
        claims.validation_request_hash !== hashValidationRequest(claims),
        'validation request hash is not canonical',
      )
    }
    const signer = await recoverAddress({ hash: hashClaims(claims, chainId), signature }).catch(() => zeroAddress)
    refuse(!isAddressEqual(signer, claims.user_address), 'invalid signature')
    const { free } = await readBalance(tab.user, tab.asset)
    refuse(claims.amount > free, 'not enough free collateral')

    const totalAmount = state.total + claims.amount
    const envelope = encodeGuarantee(claims, totalAmount, guaranteeDomain(version, chainId, contract))
    const certificate = { claims: envelope.slice(2), signature: key.sign(envelope).slice(2) }
    tab.guarantees.push({ claims, totalAmount, certificate })
    return certificate
  }

  let nextScan: Promise<void> | undefined
  /** Scans once more, together with all that ask for it before it begins. */
  function requestScan(): Promise<void> {
    nextScan ??= exclusively(() => {
      nextScan = undefined
      return scan()
    })
    return nextScan
  }

  /** Records the payments in the blocks since the last time. */
  async function scan(): Promise<void> {
    const latest = await client.getBlockNumber()
    // A devnet may have gone back to a snapshot.
    const from: bigint = cursor === undefined || cursor > latest ? latest : cursor + 1n
    for (let number = from; number <= latest; number += 1n) {
      for (const payment of await findPayments(number)) {
        await succeed(
          client,
          client.writeContractSync({
            ...core,
            account: operator,
            gas: setupGas,
            functionName: 'recordPaymentById',
            args: [payment.hash, payment.tab.id, payment.tab.asset, payment.amount],
          }),
        )
        if (!payments.some(({ hash }) => hash === payment.hash)) payments.push(payment)
      }
      cursor = number
    }
  }

  async function findPayments(blockNumber: bigint): Promise<RecordedPayment[]> {
    const [block, logs] = await Promise.all([
      client.getBlock({ blockNumber, includeTransactions: true }),
      client.getLogs({ address: contract, fromBlock: blockNumber, toBlock: blockNumber }),
    ])
    const at = Number(block.timestamp)
    const found: RecordedPayment[] = []
    for (const { hash, from, to, value, input } of block.transactions) {
      const tab = tabs.get(parseTabId(input) ?? 0n)
      if (!tab || !to || value === 0n || tab.asset !== zeroAddress || !isAddressEqual(to, tab.recipient)) continue
      const { status } = await client.getTransactionReceipt({ hash })
      if (status === 'success') found.push({ tab, hash, from, amount: value, at })
    }
    for (const { args, transactionHash } of parseEventLogs({ abi: core.abi, eventName: 'TabPaid', logs })) {
      const tab = tabs.get(args.tabId)
      if (!tab || !isAddressEqual(args.asset, tab.asset) || !isAddressEqual(args.recipient, tab.recipient)) continue
      found.push({ tab, hash: transactionHash, from: args.user, amount: args.amount, at })
    }
    return found
  }

  return {
    openTab: (parameters: Parameters<typeof openTab>[0]) => exclusively(() => openTab(parameters)),
    issue: (claims: Claims, signature: Hex, caller: Address) => exclusively(() => issue(claims, signature, caller)),
    scan: requestScan,
    getTab,
    findTab: (id: bigint) => tabs.get(id),
    readState,
    readStates,
    readBalance,
    getPayments: (recipient: Address) => payments.filter(({ tab }) => isAddressEqual(tab.recipient, recipient)),
  }
}

/** The core reads numbers with 0x, and decimal ones. */
function parseTabId(input: Hex): bigint | undefined {
  const match = /^tab_id:(0x[0-9a-fA-F]+|\d+);req_id:(0x[0-9a-fA-F]+|\d+)$/.exec(hexToString(input))
  return match?.[1] === undefined ? undefined : BigInt(match[1])
}

export const toU256 = (value: bigint): Hex => numberToHex(value)
