import type { Address } from 'viem'
import type { Devnet } from './createDevnet.ts'
import {
  type DeployedL2Contracts,
  type DevnetTableSetOptions,
  type DevnetTables,
  deployL2Contracts,
} from './deployL2.ts'
import { check, checkChainOptions, isWhole } from './options.ts'
import { calculateTable, postTable } from './postTable.ts'
import { type DevnetChain, startChain } from './startChain.ts'

/** What an L2 is started with. */
export type L2DevnetOptions = {
  /** The chain with EigenLayer, whose operators it has. It must run for as long as tables are to be posted. */
  readonly l1: Devnet
  /** TCP port on loopback, 1..65535. Default: a free one. */
  readonly port?: number | undefined
  /** Whole seconds between blocks. Default: a block for every transaction, and none without. */
  readonly blockTime?: number | undefined
  /** Another than L1's. Default: the one after it. */
  readonly chainId?: number | undefined
  readonly tableSet?: Partial<DevnetTableSetOptions> | undefined
  /** Seconds after which EigenLayer calls a table stale; 0 for never. Default: 0. */
  readonly maxStaleness?: number | undefined
}

/** A running devnet of an L2. */
export type L2Devnet = DevnetChain & {
  /** What the SDK's actions take. Its `slasher` is `null`: evidence goes to the one on L1. */
  readonly deployment: DeployedL2Contracts['deployment']
  /** An ERC-20 with 18 decimals that anyone may mint, to pay with. */
  readonly token: Address
  readonly tables: DevnetTables
  /**
   * Posts a new table with the operators and stakes that L1 has now, and loads it unless `load` is false.
   *
   * @returns Its timestamp: unix time in seconds.
   */
  postTable(options?: { readonly load?: boolean | undefined }): Promise<number>
}

/**
 * Starts a local chain beside a devnet that stands for an L2: the contracts over stand-ins for what EigenLayer has there,
 * with a first table of L1's operators posted and loaded, if it has any. An operator goes by its signing address there.
 *
 * @throws `InvalidDevnetOptionError`, `AnvilNotFoundError`, `AnvilStartError`, `PortInUseError`, `DevnetSetupError`
 *
 * @example
 * const l1 = await createDevnet()
 * const l2 = await createL2Devnet({ l1 })
 * const operator = l2.accounts.operators[0]?.signer
 * await l2.postTable()
 * await l2.stop()
 * await l1.stop()
 */
export async function createL2Devnet(options: L2DevnetOptions): Promise<L2Devnet> {
  const { l1 } = options
  const { port, blockTime, chainId, tableSet, maxStaleness } = resolveOptions(options)
  const { accounts } = l1
  const deployer = accounts.deployer.address
  const { operatorSet } = l1.eigenLayer
  return startChain({ port, blockTime, chainId, startBlock: 0, accounts }, async (client) => {
    const deployed = await deployL2Contracts(client, { deployer, l1Set: operatorSet, tableSet })
    const post = async ({ load = true }: { load?: boolean | undefined } = {}) => {
      const entries = await calculateTable(l1.client, l1.eigenLayer, tableSet.weightLookahead)
      return postTable(client, { deployer, deployed, operatorSet, entries, maxStaleness, load })
    }
    if (accounts.operators.length > 0) await post()
    return { ...deployed, postTable: post }
  })
}

function resolveOptions(options: L2DevnetOptions) {
  const { l1, port = 0, blockTime, chainId = l1.chain.id + 1, maxStaleness = 0 } = options
  const tableSet: DevnetTableSetOptions = {
    minWeight: 1n,
    maxReferenceAge: 86_400,
    supersededGrace: 60,
    maxRequestLifetime: 3_600,
    evidenceWindow: 3_600,
    weightLookahead: 100_000,
    waiveSlashability: false,
    ...options.tableSet,
  }
  checkChainOptions({ port, blockTime, chainId })
  check('chainId', chainId, chainId !== l1.chain.id, 'another chain id than that of L1')
  check('maxStaleness', maxStaleness, isWhole(maxStaleness, 0, 2 ** 32 - 1), 'whole seconds, 0 to 2^32 - 1')
  return { port, blockTime, chainId, tableSet, maxStaleness }
}
