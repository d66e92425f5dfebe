import { Hono } from 'hono'
import * as v from 'valibot'
import { type Address, isAddressEqual, zeroAddress } from 'viem'
import type { Auth } from './auth.ts'
import { type IssuedGuarantee, type Ledger, type TabState, toU256 } from './ledger.ts'
import { addressSchema, claimsSchema } from './protocol.ts'
import { Refusal } from './refusal.ts'

const signatureSchema = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-fA-F]*$/),
  v.transform((text): `0x${string}` => `0x${text.slice(2)}`),
)
const tabSchema = v.object({
  user_address: addressSchema,
  recipient_address: addressSchema,
  erc20_token: v.nullish(addressSchema, null),
  ttl: v.nullish(v.pipe(v.number(), v.safeInteger()), null),
  guarantee_version: v.optional(v.picklist([1, 2]), 1),
})
const issueSchema = v.object({ claims: claimsSchema, signature: signatureSchema, scheme: v.literal('eip712') })
const verifySchema = v.object({ address: addressSchema, message: v.string(), signature: signatureSchema })
const refreshSchema = v.object({ refresh_token: v.string() })
const settlementStatuses = ['PENDING', 'SETTLED', 'FAILED', 'REMUNERATED'] as const

/** What the service says of itself. */
export type PublicFacts = { readonly params: object; readonly tokens: object }

/** The core service's HTTP interface, for a `Request` to a `Response`. */
export function createApp({ auth, ledger, facts }: { auth: Auth; ledger: Ledger; facts: PublicFacts }) {
  const app = new Hono()
  app.onError((error, context) => {
    if (error instanceof Refusal) return context.json({ error: error.message }, error.status)
    return context.json({ error: error.message }, 500)
  })
  app.notFound((context) => context.json({ error: 'not found' }, 404))

  app.get('/core/health', (context) => context.json({ status: 'ok' }))
  app.get('/core/public-params', (context) => context.json(facts.params))
  app.get('/core/tokens', (context) => context.json(facts.tokens))

  app.post('/auth/nonce', async ({ req, json }) => {
    const { address } = await readBody(req.raw, v.object({ address: addressSchema }))
    return json(auth.createNonce(address, new URL(req.url).host))
  })
  app.post('/auth/verify', async ({ req, json }) => json(await auth.verify(await readBody(req.raw, verifySchema))))
  app.post('/auth/refresh', async ({ req, json }) =>
    json(auth.refresh((await readBody(req.raw, refreshSchema)).refresh_token)),
  )
  app.post('/auth/logout', async ({ req, json }) =>
    json(auth.logout((await readBody(req.raw, refreshSchema)).refresh_token)),
  )

  const protectedApp = new Hono<{ Variables: { caller: Address } }>()
  protectedApp.use(async (context, next) => {
    context.set('caller', auth.authenticate(context.req.header('authorization')))
    await next()
  })

  protectedApp.post('/payment-tabs', async ({ req, json, get }) => {
    const body = await readBody(req.raw, tabSchema)
    if (!isAddressEqual(get('caller'), body.recipient_address)) throw new Refusal(403, 'only the recipient opens a tab')
    const asset = body.erc20_token ?? zeroAddress
    const tab = await ledger.openTab({
      user: body.user_address,
      recipient: body.recipient_address,
      asset,
      version: body.guarantee_version,
      ttl: body.ttl,
    })
    return json({
      id: toU256(tab.id),
      user_address: tab.user,
      recipient_address: tab.recipient,
      erc20_token: body.erc20_token,
      asset_address: tab.asset,
      guarantee_version: tab.version,
      next_req_id: toU256(BigInt(tab.guarantees.length)),
    })
  })
  protectedApp.post('/guarantees', async ({ req, json, get }) => {
    const { claims, signature } = await readBody(req.raw, issueSchema)
    return json(await ledger.issue(claims, signature, get('caller')))
  })

  protectedApp.get('/tabs/:id', async ({ req, json }) => {
    const tab = ledger.findTab(toBigInt(req.param('id')))
    return json(tab ? toTabJson(await ledger.readState(tab)) : null)
  })
  protectedApp.get('/tabs/:id/guarantees', ({ req, json }) =>
    json(ledger.getTab(toBigInt(req.param('id'))).guarantees.map(toGuaranteeJson)),
  )
  protectedApp.get('/tabs/:id/guarantees/latest', ({ req, json }) => {
    const guarantee = ledger.findTab(toBigInt(req.param('id')))?.guarantees.at(-1)
    return json(guarantee ? toGuaranteeJson(guarantee) : null)
  })
  protectedApp.get('/tabs/:id/guarantees/:reqId', ({ req, json }) => {
    const reqId = toBigInt(req.param('reqId'))
    const tab = ledger.findTab(toBigInt(req.param('id')))
    const guarantee = tab?.guarantees.find(({ claims }) => claims.req_id === reqId)
    return json(guarantee ? toGuaranteeJson(guarantee) : null)
  })
  protectedApp.get('/tabs/:id/collateral-events', ({ req, json }) => {
    ledger.getTab(toBigInt(req.param('id')))
    return json([])
  })

  const readTabs = async (side: 'user' | 'recipient', account: string, wanted: readonly string[]) => {
    const address = toAddress(account)
    const states = await ledger.readStates((tab) => isAddressEqual(tab[side], address))
    return states.filter(({ settlement }) => wanted.length === 0 || wanted.includes(settlement))
  }
  const readWanted = (values: readonly string[] | undefined) => {
    const wanted = (values ?? []).map((value) => value.toUpperCase())
    for (const value of wanted)
      if (!settlementStatuses.some((status) => status === value)) throw new Refusal(400, `unknown status ${value}`)
    return wanted
  }
  protectedApp.get('/users/:account/tabs', async ({ req, json }) =>
    json((await readTabs('user', req.param('account'), readWanted(req.queries('settlement_status')))).map(toTabJson)),
  )
  protectedApp.get('/recipients/:account/tabs', async ({ req, json }) =>
    json(
      (await readTabs('recipient', req.param('account'), readWanted(req.queries('settlement_status')))).map(toTabJson),
    ),
  )
  protectedApp.get('/recipients/:account/settled-tabs', async ({ req, json }) =>
    json((await readTabs('recipient', req.param('account'), ['SETTLED', 'REMUNERATED'])).map(toTabJson)),
  )
  protectedApp.get('/recipients/:account/pending-remunerations', async ({ req, json }) => {
    const states = await readTabs('recipient', req.param('account'), ['PENDING'])
    return json(
      states
        .filter(({ total }) => total > 0n)
        .map((state) => {
          const latest = state.tab.guarantees.at(-1)
          return { tab: toTabJson(state), latest_guarantee: latest ? toGuaranteeJson(latest) : null }
        }),
    )
  })
  protectedApp.get('/recipients/:account/payments', ({ req, json }) =>
    json(
      ledger.getPayments(toAddress(req.param('account'))).map(({ tab, hash, from, amount, at }) => ({
        user_address: from,
        recipient_address: tab.recipient,
        tx_hash: hash,
        amount: toU256(amount),
        verified: true,
        finalized: true,
        failed: false,
        created_at: at,
      })),
    ),
  )
  protectedApp.get('/users/:account/assets/:asset', async ({ req, json }) => {
    const user = toAddress(req.param('account'))
    const asset = toAddress(req.param('asset'))
    const { total, locked } = await ledger.readBalance(user, asset)
    return json({
      user_address: user,
      asset_address: asset,
      total: toU256(total),
      locked: toU256(locked),
      version: 1,
      updated_at: Math.floor(Date.now() / 1000),
    })
  })
  app.route('/core', protectedApp)
  return app
}

async function readBody<schema extends v.GenericSchema>(
  request: Request,
  schema: schema,
): Promise<v.InferOutput<schema>> {
  const body: unknown = await request.json().catch(() => undefined)
  const result = v.safeParse(schema, body)
  if (result.success) return result.output
  throw new Refusal(400, v.summarize(result.issues))
}

function toBigInt(text: string): bigint {
  if (/^(0x[0-9a-fA-F]+|\d+)$/.test(text)) return BigInt(text)
  throw new Refusal(400, `${text} is no number`)
}

function toAddress(text: string): Address {
  const result = v.safeParse(addressSchema, text)
  if (result.success) return result.output
  throw new Refusal(400, `${text} is no address`)
}

function toTabJson({ tab, total, paid, status, settlement }: TabState) {
  return {
    tab_id: toU256(tab.id),
    user_address: tab.user,
    recipient_address: tab.recipient,
    asset_address: tab.asset,
    start_timestamp: tab.start,
    ttl_seconds: tab.ttl,
    status,
    settlement_status: settlement,
    created_at: tab.start,
    updated_at: tab.guarantees.at(-1)?.claims.timestamp ?? tab.start,
    total_amount: toU256(total),
    paid_amount: toU256(paid),
  }
}

function toGuaranteeJson({ claims, certificate }: IssuedGuarantee) {
  return {
    tab_id: toU256(claims.tab_id),
    req_id: toU256(claims.req_id),
    from_address: claims.user_address,
    to_address: claims.recipient_address,
    asset_address: claims.asset_address,
    amount: toU256(claims.amount),
    start_timestamp: claims.timestamp,
    certificate: JSON.stringify(certificate),
  }
}
