#!/usr/bin/env node
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { OperatorEvent } from '@proof-of-inference/sdk/operator'
import type { Devnet } from './createDevnet.ts'

const help = `Usage: proof-of-inference-devnet [options]

Starts a local chain with the Proof-of-Inference Market on it, a server for payloads, and operators that verify with
@proof-of-inference/verifier-exact what onnxruntime-web can run (install it beside this package). Runs until Ctrl-C.

  --port <number>        Port of the RPC server on 127.0.0.1. Default: 8545.
  --block-time <seconds> Whole seconds between blocks. Default: a block for every transaction, and one every second.
  --operators <stakes>   What each operator stakes, in whole tokens. Default: 50,30,20.
  --idle                 Register the operators, but run none.
  --payloads <number>    Port of the payload server on 127.0.0.1. Default: 8546.
  --deployment <file>    Write the addresses to a file, as JSON that parseDeployment of the SDK reads.
  --json                 Print one JSON document instead of text.
  --help                 Print this.`

/** In blocks: at one a second, votes would otherwise be gone after half a day. */
const lasting = { delays: { deallocation: 10_000_000 }, registrar: { maxWeightAge: 9_000_000 } }

/** The stake token's smallest units in a token. */
const unit = 10n ** 18n

class UsageError extends Error {}

const maxPort = 65_535

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '8545' },
        'block-time': { type: 'string' },
        operators: { type: 'string', default: '50,30,20' },
        idle: { type: 'boolean', default: false },
        payloads: { type: 'string', default: '8546' },
        deployment: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    // Node goes on about positional arguments.
    throw new UsageError(`${String(error instanceof Error ? error.message : error).split(/\.(?:\s|$)/)[0]}.`)
  }
}

function toInteger(flag: string, value: string, least: number, most: number): number {
  if (/^\d+$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value)
  throw new UsageError(`--${flag} takes a whole number from ${least} to ${most}, not '${value}'.`)
}

function toStakes(value: string): bigint[] {
  if (!/^[1-9]\d{0,7}(,[1-9]\d{0,7}){0,255}$/.test(value)) {
    throw new UsageError(`--operators takes whole amounts such as 50,30,20, each from 1 to 99999999, not '${value}'.`)
  }
  return value.split(',').map((stake) => BigInt(stake) * unit)
}

/** As the deploy script writes it. */
function toDeployment({ deployment }: Devnet) {
  return { ...deployment, startBlock: Number(deployment.startBlock) }
}

function toJson(devnet: Devnet, payloadsUrl: string, mnemonic: string): string {
  const { rpcUrl, accounts, token, eigenLayer } = devnet
  return JSON.stringify({
    rpcUrl,
    payloadsUrl,
    deployment: toDeployment(devnet),
    eigenLayer,
    token,
    mnemonic,
    accounts: {
      deployer: accounts.deployer.address,
      requester: accounts.requester.address,
      agent: accounts.agent.address,
      operators: accounts.operators.map(({ account, signer, stake }) => ({
        account: account.address,
        signer: signer.address,
        stake: stake.toString(),
      })),
    },
  })
}

function toText(devnet: Devnet, payloadsUrl: string, mnemonic: string): string {
  const { rpcUrl, chain, deployment, accounts, token, eigenLayer } = devnet
  const rows = (entries: readonly (readonly [string, string])[]) =>
    entries.map(([name, value]) => `  ${name.padEnd(20)} ${value}`)
  return [
    `Proof-of-Inference devnet at ${rpcUrl}, chain id ${chain.id}`,
    `Payloads at ${payloadsUrl}`,
    '',
    'Contracts',
    ...rows([
      ['avs', deployment.avs],
      ['modelRegistry', deployment.modelRegistry],
      ['operatorSet', deployment.operatorSet],
      ['slasher', deployment.slasher],
      ['identityRegistry', deployment.identityRegistry],
      ['validationRegistry', deployment.validationRegistry],
      ['reputationRegistry', deployment.reputationRegistry],
      ['startBlock', String(deployment.startBlock)],
      ['payment token', token],
      ['allocationManager', eigenLayer.allocationManager],
      ['delegationManager', eigenLayer.delegationManager],
      ['strategyManager', eigenLayer.strategyManager],
      ['keyRegistrar', eigenLayer.keyRegistrar],
      ['strategy', eigenLayer.strategy],
      ['stake token', eigenLayer.stakeToken],
    ]),
    '',
    `Accounts of the mnemonic "${mnemonic}"`,
    ...rows([
      ['0 deployer', accounts.deployer.address],
      ['1 requester', accounts.requester.address],
      ['2 agent', accounts.agent.address],
      ...accounts.operators.flatMap(({ account, signer, stake }, index) => [
        [`${3 + 2 * index} operator ${index}`, `${account.address}  weight ${stake / unit}`] as const,
        [`${4 + 2 * index} its signing key`, signer.address] as const,
      ]),
    ]),
    '',
    'Ctrl-C stops it.',
  ].join('\n')
}

/** What is told of an operator's event; `undefined` for what says nothing new. */
function describe(event: OperatorEvent): string | undefined {
  if (event.type === 'error') return event.error instanceof Error ? event.error.message : String(event.error)
  if (event.type === 'reorg') return `reorg after block ${event.blockNumber}`
  if (event.type === 'started' || event.type === 'stopped') return
  const id = `${event.requestId.slice(0, 10)}…`
  if (event.type === 'verified') return `${id} verified: ${event.verdict}, in ${Math.round(event.ms)} ms`
  if (event.type === 'skipped') return `${id} skipped: ${event.reason}${event.details ? `, ${event.details}` : ''}`
  if (event.type === 'settled') return `${id} settled: ${event.status}`
  return `${id} ${event.type}`
}

async function run(args: readonly string[]): Promise<number> {
  const values = parse(args)
  if (values.help) {
    console.log(help)
    return 0
  }
  const { 'block-time': blockTime } = values
  const options = {
    port: toInteger('port', values.port, 0, maxPort),
    // Time has to pass while nobody sends anything: a request that is not voted on would never expire.
    ...(blockTime === undefined
      ? { blockTime: 1, automine: true }
      : { blockTime: toInteger('block-time', blockTime, 1, 3_600) }),
    stakes: toStakes(values.operators),
    ...lasting,
  }
  const payloadsPort = toInteger('payloads', values.payloads, 0, maxPort)
  // From here on a signal ends the devnet in order, also while it is starting.
  let isStopping = false
  const stopping = new Promise<'signal'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        isStopping = true
        resolve('signal')
      })
  })
  const { createDevnet, createPayloadServer, devnetMnemonic, PortInUseError } = await import('./index.ts')
  // Ctrl-C reaches anvil, too.
  const unlessStopping = (error: unknown): undefined => {
    if (!isStopping) throw error
  }
  const portInUse = (flag: string) => (error: unknown) => {
    if (!(error instanceof PortInUseError)) throw error
    throw new Error(`Port ${error.port} is in use: choose another with --${flag}.`, { cause: error })
  }
  await using devnet = await createDevnet(options).catch(portInUse('port')).catch(unlessStopping)
  if (devnet === undefined) return 0
  await using payloads = await createPayloadServer({ port: payloadsPort }).catch(portInUse('payloads'))
  await using _operators = values.idle
    ? undefined
    : await verifyExactly(devnet, payloads.url, (line) => {
        if (!values.json && !isStopping) console.log(line)
      }).catch(unlessStopping)
  if (isStopping) return 0
  if (values.deployment !== undefined)
    await writeFile(values.deployment, `${JSON.stringify(toDeployment(devnet), null, 2)}\n`).catch((cause) => {
      const reason = `--deployment ${values.deployment} could not be written (${cause.code})`
      throw new Error(`${reason}: name a file in a folder that exists.`, { cause })
    })
  console.log((values.json ? toJson : toText)(devnet, payloads.url, devnetMnemonic))
  const ended = await Promise.race([stopping, devnet.exited])
  if (ended === 'signal') return 0
  console.error(`anvil ended by itself (${ended.signal ?? `code ${ended.code}`}).`)
  return 1
}

async function verifyExactly(devnet: Devnet, payloadsUrl: string, tell: (line: string) => void) {
  const { runOperators } = await import('./index.ts')
  const { httpPayloadStore } = await import('@proof-of-inference/sdk/payload')
  const { onnx } = await import('@proof-of-inference/sdk/runner/onnx')
  const { exact } = await import('@proof-of-inference/verifier-exact')
  return runOperators(devnet, {
    payloads: httpPayloadStore({ url: payloadsUrl, allowPrivateNetwork: true }),
    verifiers: [exact()],
    runners: [onnx()],
    onEvent(event, index) {
      const line = describe(event)
      if (line !== undefined) tell(`operator ${index}  ${line}`)
    },
  })
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message} --help says more.`)
  else console.error(error instanceof Error ? error.message : error)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
