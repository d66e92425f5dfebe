import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { describe, toJson } from './describe.ts'
import { createPlan, deployable } from './plan.ts'
import { type Report, rehearse } from './rehearse.ts'

const help = `Rehearses the deployment of the contracts on a real network: by the deploy script, on a local chain that has the
network's chain id and, at their addresses there, stand-ins for the contracts of EigenLayer and ERC-8004. Has the SDK
check what the script wrote, says what the real deployment would do, and what only you can know. Sends nothing to
any network.

Usage: npm run deploy:dry -- [options]

  --chain <id>       the network; may be given again. Known: ${deployable.map(({ chainId, name }) => `${chainId} (${name})`).join(', ')}
  --all              all of them
  --rpc-url <url>    ask a node of the one real chain whether the contracts are there as listed; nothing is sent
  --out <directory>  write the description of each deployment there, as <id>.json. Its addresses are of the local chain.
  --json             print one JSON document
  --help             print this

The variables of the deploy script are taken from the environment: STRATEGIES, OWNER, METADATA_URI, … See
contracts/script. What is not given, and has no default, is stood for by something, and said.`

class UsageError extends Error {}

function parse() {
  try {
    return parseArgs({
      options: {
        chain: { type: 'string', multiple: true, default: [] },
        all: { type: 'boolean', default: false },
        out: { type: 'string' },
        'rpc-url': { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    // Its first sentence: Node goes on about positional arguments.
    throw new UsageError(`${String(error instanceof Error ? error.message : error).split(/\.(?:\s|$)/)[0]}.`)
  }
}

async function main() {
  const { chain, all, out, json, 'rpc-url': rpcUrl, help: isHelp } = parse()
  if (isHelp) return console.log(help)
  const wrong = chain.find((id) => !/^\d+$/.test(id))
  if (wrong !== undefined) throw new UsageError(`--chain takes a chain id, not '${wrong}'.`)
  const chainIds = all ? deployable.map(({ chainId }) => chainId) : chain.map(Number)
  if (chainIds.length === 0) throw new UsageError('Name a chain with --chain, or --all.')
  if (rpcUrl !== undefined && chainIds.length > 1) throw new UsageError('--rpc-url is of one chain: name that one.')
  const plans = chainIds.map((chainId) => createPlan(chainId, process.env))

  const reports: Report[] = []
  for (const plan of plans) {
    const report = await rehearse(plan, { rpcUrl })
    reports.push(report)
    if (!json) console.log(describe(report))
    if (out === undefined) continue
    await mkdir(out, { recursive: true })
    await writeFile(path.join(out, `${report.contracts.chainId}.json`), `${toJson(report.deployment)}\n`)
  }
  if (json) console.log(toJson(reports))
}

try {
  await main()
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message} --help says more.`)
  else console.error(error instanceof Error ? error.message : error)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
