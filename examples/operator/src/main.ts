// An operator as a process: settings from the environment, logs on stdout, health over HTTP, stopped by a signal.
import { isProofOfInferenceError } from '@proof-of-inference/sdk'
import { directoryStore } from '@proof-of-inference/sdk/node'
import { createOperator } from '@proof-of-inference/sdk/operator'
import { httpPayloadStore } from '@proof-of-inference/sdk/payload'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { exact } from '@proof-of-inference/verifier-exact'
import { BaseError, createWalletClient, HttpRequestError, http, TimeoutError } from 'viem'
import { checkHealth, serveHealth } from './health.ts'
import { log } from './log.ts'
import { readSettings, SettingsError, variables } from './settings.ts'
import { createStop } from './stop.ts'

const help = `Runs an operator: verifies what is requested, signs the verdicts and submits them, until it is stopped.

Usage: npm start -w examples/operator [-- --help]

It joins nothing: join the operator set first. It is set up by the environment:

${variables.map(([name, standard, meaning]) => `  ${name.padEnd(26)}${standard.padEnd(13)}${meaning}`).join('\n')}

It writes a line of JSON to stdout per event. GET /health answers 200 where it works, is up to date with the chain and has
a vote, and 503 with the reason where not. SIGINT and SIGTERM stop it as soon as what it has signed is on chain, or after
STOP_TIMEOUT; a second one at once. The exit code is 0 then, 1 where it could not go on, 2 where the settings are wrong.`

async function main() {
  const settings = await readSettings(process.env)
  const {
    DEPLOYMENT: deployment,
    ACCOUNT_KEY: account,
    SIGNING_KEY: signer,
    OPERATOR: address = account.address,
  } = settings
  const client = createWalletClient({
    account,
    transport: http(settings.RPC_URL),
    pollingInterval: settings.POLLING_INTERVAL,
  })
  const operator = createOperator({
    client,
    deployment,
    operator: address,
    signer,
    payloads: httpPayloadStore({
      url: settings.PAYLOADS_URL,
      allowPrivateNetwork: settings.PAYLOADS_PRIVATE_NETWORK,
    }),
    store: directoryStore(settings.STATE_DIRECTORY),
    verifiers: [exact()],
    runners: [onnx()],
    minimumFee: settings.MINIMUM_FEE,
    concurrency: settings.CONCURRENCY,
    confirmations: settings.CONFIRMATIONS,
    logger: log,
    onEvent(event) {
      stop.onEvent()
      if (event.type === 'started') warnUnlessVoting()
    },
  })

  const stop = createStop({ status: operator.status, timeout: settings.STOP_TIMEOUT * 1_000 })
  // The second signal ends it at once: what it has signed is on disk.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      log.info('stopping', { signal })
      stop.begin()
    })
  const { MAX_LAG: maxLag, HEALTH_PORT: port, HEALTH_HOST: hostname } = settings
  const parts = { operator, client, deployment, address, signer: signer.address }
  const check = () => checkHealth({ ...parts, maxLag })
  // It may have blocks to catch up with, but starts for nothing with the wrong keys.
  const warnUnlessVoting = async () => {
    const { isHealthy, reason } = await checkHealth({ ...parts, maxLag: Number.POSITIVE_INFINITY })
    if (!isHealthy) log.warn('not healthy', { reason, operator: address, signer: signer.address })
  }
  await using health = await serveHealth({ port, hostname, check }).catch((error: NodeJS.ErrnoException) => {
    const [name, value] = error.code === 'EADDRNOTAVAIL' ? ['HEALTH_HOST', hostname] : ['HEALTH_PORT', port]
    throw new Error(`${name}: it cannot listen at ${value} (${error.code}); set another`, { cause: error })
  })
  log.info('listening', { hostname, port: health.port })
  await operator.run({ signal: stop.signal })
}

if (process.argv.includes('--help')) console.log(help)
else
  try {
    await main()
  } catch (error) {
    if (error instanceof SettingsError) console.error(`${error.message}\n\n--help says more.`)
    else log.error('cannot go on', { error: describe(error) })
    process.exitCode = error instanceof SettingsError ? 2 : 1
  }

/** Without what follows the first sentence, which may name the node's address and the key in it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const failed =
    error instanceof BaseError && error.walk((each) => each instanceof HttpRequestError || each instanceof TimeoutError)
  if (failed) {
    const status = failed instanceof HttpRequestError && failed.status ? ` (HTTP ${failed.status})` : ''
    return `RPC_URL could not be reached${status}: check the address, and whether the node runs`
  }
  if (isProofOfInferenceError(error, 'StoreLockedError') && 'path' in error)
    return `${error.name}: the store at ${error.path} is used by another process`
  if ('syscall' in error && error.syscall === 'mkdir' && 'code' in error && 'path' in error)
    return `STATE_DIRECTORY: ${error.path} cannot be made a directory (${error.code}); set another`
  return 'shortMessage' in error ? `${error.name}: ${error.shortMessage}` : `${error.name}: ${error.message}`
}
