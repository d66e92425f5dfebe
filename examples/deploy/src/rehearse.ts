import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { createRehearsal, type Rehearsal } from '@proof-of-inference/devnet'
import { assertChain, assertDeployment, type Deployment, parseDeployment } from '@proof-of-inference/sdk'
import { getSeatedOperators, getSlashingTerms, getTableSetTerms } from '@proof-of-inference/sdk/actions'
import { type Address, createClient, http } from 'viem'
import type { Plan } from './plan.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const deployments = path.join(root, 'contracts/deployments')

/** What came of a rehearsal. */
export type Report = Plan & {
  /** As the script wrote it: its addresses are those of the local chain. */
  readonly deployment: Deployment
  /** In the order of deployment. */
  readonly created: readonly { readonly contract: string; readonly address: Address; readonly gasUsed: bigint }[]
  /** Whether everyone who votes can still be slashed. */
  readonly slashable: boolean
  /** What the SDK found to be so, a sentence each. */
  readonly checked: readonly string[]
  /** Whether the real chain was asked for the contracts that are to be there. */
  readonly isProbed: boolean
}

/**
 * Deploys by the script, on a local chain with the id and the external contracts of a real one, and has the SDK check what
 * the script wrote.
 *
 * @param options.rpcUrl Of a node of the real chain, which is asked whether the contracts are there. Default: none is asked.
 * @throws The script's own error; the SDK's, where something is not as it should be.
 */
export async function rehearse(plan: Plan, options: { rpcUrl?: string | undefined } = {}): Promise<Report> {
  const { contracts, strategies, others, deallocationDelay: deallocation } = plan
  await using chain = await createRehearsal({ contracts, strategies, others, delays: { deallocation } })
  const { client } = chain
  const checked: string[] = []
  const { rpcUrl } = options
  if (rpcUrl !== undefined) {
    await assertChain(createClient({ transport: http(rpcUrl) }), contracts)
    checked.push(`the real chain ${contracts.chainId}: the contracts that are to be there are, and name each other`)
  }
  await assertChain(client, contracts)
  checked.push('the rehearsal: stand-ins are where the contracts are, and name each other')

  const before = await client.getBlockNumber()
  const deployment = parseDeployment(await runScript(plan, chain))
  checked.push('the description of the deployment is well-formed')
  await assertDeployment(client, deployment)
  checked.push('the contracts have the code that was written down, and name each other')
  const isRestaking = deployment.slasher !== null
  const { slashable } = await (isRestaking ? getSlashingTerms : getTableSetTerms)(client, { deployment })
  checked.push(slashable ? 'whoever votes can be slashed' : 'stake can leave before it could be slashed')
  if (isRestaking && (await getSeatedOperators(client, { deployment })).length > 0)
    throw new Error('The operator set has operators already.')
  return {
    ...plan,
    deployment,
    slashable,
    checked,
    isProbed: rpcUrl !== undefined,
    created: await listCreated(chain, deployment, before),
  }
}

/** What the deploy script wrote, as JSON. It leaves nothing where a real deployment is written to. */
async function runScript({ script, variables }: Plan, { rpcUrl, accounts, chain }: Rehearsal): Promise<unknown> {
  await mkdir(deployments, { recursive: true })
  const directory = await mkdtemp(path.join(deployments, 'rehearsal-'))
  // One at a time: anvil can leave a transaction queued forever if the one before it is not in a block yet.
  const args = ['script', `script/${script}.s.sol:${script}`, '--rpc-url', rpcUrl, '--broadcast', '--slow']
  const sender = ['--unlocked', '--sender', accounts.deployer.address]
  const env = {
    ...process.env,
    ...variables,
    DEPLOYMENTS: path.relative(path.join(root, 'contracts'), directory),
    FOUNDRY_BROADCAST: path.join(directory, 'broadcast'),
  }
  try {
    await promisify(execFile)(process.execPath, [path.join(root, 'scripts/forge.mjs'), ...args, ...sender], { env })
    return JSON.parse(await readFile(path.join(directory, `${chain.id}.json`), 'utf8'))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The contracts that were created after a block, by what the deployment calls them. */
async function listCreated({ client }: Rehearsal, deployment: Deployment, after: bigint): Promise<Report['created']> {
  const created: Report['created'][number][] = []
  const latest = await client.getBlockNumber()
  for (let blockNumber = after + 1n; blockNumber <= latest; blockNumber++) {
    const { transactions } = await client.getBlock({ blockNumber })
    for (const hash of transactions) {
      const { contractAddress: address, gasUsed } = await client.getTransactionReceipt({ hash })
      if (!address) continue
      const named = Object.entries(deployment).find(([, value]) => `${value}`.toLowerCase() === address.toLowerCase())
      created.push({ contract: named?.[0] ?? 'unknown', address, gasUsed })
    }
  }
  return created
}
