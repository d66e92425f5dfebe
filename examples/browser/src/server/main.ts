import path from 'node:path'
import { parseArgs } from 'node:util'
import type { OperatorEvent } from '@proof-of-inference/sdk/operator'

const usage = `Serves a page that runs a model, has its output verified on a local chain, and checks the receipt.

Usage: npm start -w examples/browser -- [options]

  --port <number>         port of the page on 127.0.0.1; the next free one where it is taken. Default: 5173
  --block-time <seconds>  whole seconds between blocks; 0: a block for every transaction. Default: 1
  --help                  print this`

class UsageError extends Error {}

function parse(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '5173' },
      'block-time': { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  })
  const toInteger = (name: 'port' | 'block-time', maximum: number) => {
    const value = Number(values[name])
    if (/^\d+$/.test(values[name]) && value <= maximum) return value
    throw new UsageError(`--${name} takes a whole number up to ${maximum}, not '${values[name]}'.`)
  }
  return { port: toInteger('port', 65_535), blockTime: toInteger('block-time', 60) || undefined, help: values.help }
}

function describe(event: OperatorEvent): string | undefined {
  if (event.type === 'verified') return `${event.requestId.slice(0, 10)}… is ${event.verdict} (${event.ms} ms)`
  if (event.type === 'attested') return `${event.requestId.slice(0, 10)}… has its vote`
  if (event.type === 'skipped') return `${event.requestId.slice(0, 10)}… skipped: ${event.reason}`
  if (event.type === 'error') return String(event.error).split('\n')[0]
  return undefined
}

async function run(args: string[]): Promise<void> {
  const { port, blockTime, help } = parse(args)
  if (help) return console.log(usage)
  let isStopping = false
  const stopping = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        isStopping = true
        resolve()
      })
  })
  // Only now, since they take a while.
  const [{ createServer }, { startMarket }, { settingsPlugin }] = await Promise.all([
    import('vite'),
    import('./market.ts'),
    import('./settingsPlugin.ts'),
  ])
  const starting = startMarket({
    blockTime,
    onEvent(operator, event) {
      const said = describe(event)
      if (said && !isStopping) console.log(`operator ${operator + 1}: ${said}`)
    },
  })
  await using market = await starting.catch((error: unknown) => {
    // Ctrl-C reaches the chain, too.
    if (!isStopping) throw error
    return null
  })
  if (market === null || isStopping) return
  const server = await createServer({
    root: path.resolve(import.meta.dirname, '../..'),
    server: { host: '127.0.0.1', port },
    plugins: [settingsPlugin(market.settings)],
  })
  try {
    await server.listen()
    console.log(`chain: ${market.settings.rpcUrl}, payloads: ${market.settings.payloadsUrl}, operators: 1, 2, 3`)
    console.log(`\nOpen ${server.resolvedUrls?.local[0]}\n\nCtrl-C stops everything.\n`)
    const ended = await Promise.race([stopping, market.devnet.exited])
    if (ended) throw new Error(`The chain ended by itself (${ended.signal ?? `code ${ended.code}`}).`)
  } finally {
    await server.close()
  }
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error)
  console.error(error instanceof Error ? error.message : error)
  if (isUsage) console.error(`\n${usage}`)
  process.exitCode = isUsage ? 2 : 1
}
