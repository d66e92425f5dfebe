#!/usr/bin/env node
import { parseArgs } from 'node:util'
import type { Devnet } from './createDevnet.ts'

const help = `Usage: proof-of-inference-devnet [options]

Starts a local chain with the Proof-of-Inference Market on it, and runs until Ctrl-C.

  --port <number>        Port of the RPC server on 127.0.0.1. Default: 8545.
  --block-time <seconds> Whole seconds between blocks. Default: a block for every transaction.
  --operators <stakes>   What each operator stakes, in whole tokens. Default: 50,30,20.
  --json                 Print one JSON document instead of text.
  --help                 Print this.`

/** The stake token's smallest units in a token. */
const unit = 10n ** 18n

class UsageError extends Error {}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '8545' },
        'block-time': { type: 'string' },
        operators: { type: 'string', default: '50,30,20' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function toInteger(flag: string, value: string): number {
  if (!/^\d+$/.test(value)) throw new UsageError(`--${flag} takes a whole number, not '${value}'.`)
  return Number(value)
}

function toStakes(value: string): bigint[] {
  if (!/^\d+(,\d+)*$/.test(value)) {
    throw new UsageError(`--operators takes whole amounts such as 50,30,20, not '${value}'.`)
  }
  return value.split(',').map((stake) => BigInt(stake) * unit)
}

function toJson(devnet: Devnet, mnemonic: string): string {
  const { rpcUrl, deployment, accounts, token, eigenLayer } = devnet
  return JSON.stringify({
    rpcUrl,
    deployment: { ...deployment, startBlock: Number(deployment.startBlock) },
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

function toText(devnet: Devnet, mnemonic: string): string {
  const { rpcUrl, chain, deployment, accounts, token, eigenLayer } = devnet
  const rows = (entries: readonly (readonly [string, string])[]) =>
    entries.map(([name, value]) => `  ${name.padEnd(20)} ${value}`)
  return [
    `Proof-of-Inference devnet at ${rpcUrl}, chain id ${chain.id}`,
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

async function run(args: readonly string[]): Promise<number> {
  const values = parse(args)
  if (values.help) {
    console.log(help)
    return 0
  }
  const options = {
    port: toInteger('port', values.port),
    blockTime: values['block-time'] === undefined ? undefined : toInteger('block-time', values['block-time']),
    stakes: toStakes(values.operators),
  }
  // From here on a signal ends the devnet in order, also while it is starting.
  let isStopping = false
  const stopping = new Promise<'signal'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        isStopping = true
        resolve('signal')
      })
  })
  const { createDevnet, devnetMnemonic } = await import('./index.ts')
  const devnet = await createDevnet(options).catch((error: unknown) => {
    // Ctrl-C reaches anvil, too.
    if (!isStopping) throw error
  })
  if (devnet === undefined) return 0
  console.log(values.json ? toJson(devnet, devnetMnemonic) : toText(devnet, devnetMnemonic))
  const ended = await Promise.race([stopping, devnet.exited])
  await devnet.stop()
  if (ended === 'signal') return 0
  console.error(`anvil ended by itself (${ended.signal ?? `code ${ended.code}`}).`)
  return 1
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${help}`)
  else console.error(error instanceof Error ? error.message : error)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
