import type * as v from 'valibot'
import { isProofOfInferenceError } from '../../errors/base.ts'
import { FourMicaAnswerInvalidError, FourMicaFailedError } from '../../errors/payments.ts'
import { createJournal } from '../journal.ts'
import { createQueue, scopeStore } from '../store.ts'
import { type Connection, connect } from './connect.ts'
import { railName } from './messages.ts'
import { createService } from './service.ts'
import type { FourMicaConfig } from './types.ts'
import { tabSchema } from './wire.ts'

export type Context = ReturnType<typeof createContext>

/** What both sides of the rail work with. */
export function createContext(config: FourMicaConfig) {
  const { client, core, timeout = 10_000 } = config
  const account = client.account.address.toLowerCase()
  const store = scopeStore(config.store, `${railName}/${core.contract.toLowerCase()}/${account}/`)
  const journal = createJournal({
    client,
    account: client.account,
    store,
    toError: (action, cause) => (isProofOfInferenceError(cause) ? cause : new FourMicaFailedError({ action, cause })),
  })
  const service = createService({ url: core.url, timeout })

  let connection: Promise<Connection> | undefined
  /** Checked once; again after a failure. */
  const getConnection = () => {
    connection ??= connect(config, journal, service).catch((error: unknown) => {
      connection = undefined
      throw error
    })
    return connection
  }

  async function readTab(tabId: bigint): Promise<v.InferOutput<typeof tabSchema>> {
    const { client: fourMica } = await getConnection()
    const action = 'reading the tab'
    const tab = await service.ask(fourMica, action, tabSchema, () => fourMica.rpc.getTab(tabId))
    if (tab.tab_id !== tabId)
      throw new FourMicaAnswerInvalidError({ url: core.url, action, issues: [`it is tab ${tab.tab_id}, not ${tabId}`] })
    return tab
  }

  return { config, store, journal, service, exclusively: createQueue(), getConnection, readTab }
}
