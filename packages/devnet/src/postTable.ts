import type { Address } from 'viem'
import { type DevnetClient, setupGas, succeed } from './client.ts'
import type { DevnetEigenLayer } from './deploy.ts'
import type { DeployedL2Contracts } from './deployL2.ts'
import * as artifacts from './generated/artifacts.ts'

/** What a table says: the signing addresses of the operators on L1, and their stake. */
type Entry = { readonly pubkey: Address; readonly weights: readonly bigint[] }

/** As EigenLayer's calculator does on L1: of the members, the least stake that can be slashed until `lookahead` blocks on. */
export async function calculateTable(
  client: DevnetClient,
  { allocationManager, keyRegistrar, operatorSet, strategy }: DevnetEigenLayer,
  lookahead: number,
): Promise<Entry[]> {
  const blockNumber = await client.getBlockNumber()
  const manager = { address: allocationManager, abi: artifacts.devnetAllocationManager.abi, blockNumber } as const
  const members = await client.readContract({ ...manager, functionName: 'getMembers', args: [operatorSet] })
  const stakes = await client.readContract({
    ...manager,
    functionName: 'getMinimumSlashableStake',
    args: [operatorSet, members, [strategy], Number(blockNumber) + lookahead],
  })
  const entries = await Promise.all(
    members.map(async (operator, index) => ({
      pubkey: await client.readContract({
        address: keyRegistrar,
        abi: artifacts.devnetKeyRegistrar.abi,
        functionName: 'getECDSAAddress',
        args: [operatorSet, operator],
        blockNumber,
      }),
      weights: stakes[index] ?? [],
    })),
  )
  return entries.filter(({ weights }) => weights.some((weight) => weight > 0n))
}

/**
 * Posts a table on the L2, and loads it if told to. Its timestamp is after that of every block before, so that stores of
 * operators are older, and before that of the latest block, so that requests can refer to it.
 *
 * @returns The timestamp.
 */
export async function postTable(
  client: DevnetClient,
  {
    deployer,
    deployed,
    operatorSet,
    entries,
    maxStaleness,
    load,
  }: {
    deployer: Address
    deployed: DeployedL2Contracts
    operatorSet: DevnetEigenLayer['operatorSet']
    entries: readonly Entry[]
    maxStaleness: number
    load: boolean
  },
): Promise<number> {
  const timestamp = Number(await tick(client))
  const from = { gas: setupGas, account: deployer }
  await succeed(
    client,
    client.writeContractSync({
      ...from,
      address: deployed.tables.tableUpdater,
      abi: artifacts.devnetOperatorTableUpdater.abi,
      functionName: 'postOperatorTable',
      args: [operatorSet, timestamp, entries, { owner: deployer, maxStalenessPeriod: maxStaleness }],
    }),
  )
  if (load) {
    await succeed(
      client,
      client.writeContractSync({
        ...from,
        address: deployed.deployment.operatorSet,
        abi: artifacts.operatorTableSet.abi,
        functionName: 'loadTable',
        args: [timestamp],
      }),
    )
  }
  await tick(client)
  return timestamp
}

/** Mines a block with a later timestamp than the latest one: anvil gives blocks of one second the same. */
async function tick(client: DevnetClient): Promise<bigint> {
  const { timestamp: before } = await client.getBlock()
  await client.mine({ blocks: 1 })
  const { timestamp } = await client.getBlock()
  if (timestamp > before) return timestamp
  await client.setNextBlockTimestamp({ timestamp: before + 1n })
  await client.mine({ blocks: 1 })
  return before + 1n
}
