import type { Address, Chain, Hex } from 'viem'
import { countAccounts, type DevnetAccounts, deriveAccounts, devnetMnemonic } from './accounts.ts'
import { type AnvilExit, startAnvil } from './anvil.ts'
import { createDevnetClient, type DevnetClient, defineDevnetChain, setupGas, succeed } from './client.ts'
import {
  type DevnetDelays,
  type DevnetDeployment,
  type DevnetEigenLayer,
  type DevnetRegistrarOptions,
  deployContracts,
} from './deploy.ts'
import { InvalidDevnetOptionError } from './errors.ts'
import { type DevnetFourMica, type DevnetFourMicaOptions, startFourMica } from './fourMica/startFourMica.ts'
import * as artifacts from './generated/artifacts.ts'
import { registerOperators } from './registerOperators.ts'

export type DevnetOptions = {
  /** TCP port on loopback, 1..65535. Default: a free one. */
  readonly port?: number | undefined
  /** Whole seconds between blocks. Default: a block for every transaction, and none without. */
  readonly blockTime?: number | undefined
  /** Default: 31337. */
  readonly chainId?: number | undefined
  /**
   * Number of the first block: above the withdrawal delay, since EigenLayer cannot slash on a younger chain.
   * Default: 1,000,000.
   */
  readonly startBlock?: number | undefined
  /** What each operator stakes, in the stake token's smallest unit; 0 to 256 operators. Default: 50, 30 and 20 e18. */
  readonly stakes?: readonly bigint[] | undefined
  readonly delays?: Partial<DevnetDelays> | undefined
  readonly registrar?: Partial<DevnetRegistrarOptions> | undefined
  /** What an equivocation costs: a fraction of the operator's stake, 1e18 for all; 1 to 0.5e18. Default: 0.1e18. */
  readonly slashWad?: bigint | undefined
  /** Run 4Mica: its contracts, and a core service. `true`: with the default delays. Default: false. */
  readonly fourMica?: boolean | Partial<DevnetFourMicaOptions> | undefined
}

/** A running devnet. */
export type Devnet<fourMica extends DevnetFourMica | undefined = DevnetFourMica | undefined> = AsyncDisposable & {
  readonly rpcUrl: string
  readonly chain: Chain
  /** What the SDK's actions take. */
  readonly deployment: DevnetDeployment
  readonly accounts: DevnetAccounts
  /** An ERC-20 with 18 decimals that anyone may mint, to pay with. */
  readonly token: Address
  readonly eigenLayer: DevnetEigenLayer
  /** Where 4Mica is; `undefined` unless the option asks for it. Its memory does not go back with `revert`. */
  readonly fourMica: fourMica
  /** viem's public, wallet and test actions; pass any account to write. */
  readonly client: DevnetClient
  /** Mines blocks at once. Default: one. */
  mine(blocks?: number): Promise<void>
  /** Remembers the state of the chain; see `revert`. */
  snapshot(): Promise<Hex>
  /** Goes back to a snapshot, which can be used only once. */
  revert(id: Hex): Promise<void>
  /** Resolves when the chain has ended, for whatever reason. */
  readonly exited: Promise<AnvilExit>
  /** Ends the chain; resolves when it has ended and its port is free. May be called again. */
  stop(): Promise<void>
}

const million = 10n ** 24n

/**
 * Starts a local chain with everything on it: stand-ins for EigenLayer and ERC-8004, the contracts, funded accounts,
 * and operators that are registered, staked and weighed. About a second; nothing leaves the machine.
 *
 * anvil ends when this process does, except by SIGKILL.
 *
 * @throws `InvalidDevnetOptionError`, `AnvilNotFoundError`, `AnvilStartError`, `PortInUseError`, `DevnetSetupError`
 *
 * @example
 * const devnet = await createDevnet()
 * const client = createWalletClient({
 *   account: devnet.accounts.requester,
 *   chain: devnet.chain,
 *   transport: http(),
 * })
 * await devnet.stop()
 */
export async function createDevnet(
  options: DevnetOptions & { readonly fourMica: true | Partial<DevnetFourMicaOptions> },
): Promise<Devnet<DevnetFourMica>>
export async function createDevnet(options?: DevnetOptions): Promise<Devnet>
export async function createDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  const resolved = resolveOptions(options)
  const { port, blockTime, chainId, startBlock, stakes, delays, registrar, slashWad } = resolved
  const accounts = deriveAccounts(stakes)
  const anvil = await startAnvil({
    port,
    args: [
      ...['--accounts', String(countAccounts(stakes.length)), '--mnemonic', devnetMnemonic],
      ...['--chain-id', String(chainId), '--number', String(startBlock), '--hardfork', 'prague'],
      // 4Mica's client pays 0.1 gwei for gas at most
      ...(resolved.fourMica ? ['--base-fee', '0'] : []),
    ],
  })
  const chain = defineDevnetChain({ chainId, rpcUrl: anvil.rpcUrl, blockTime: blockTime ?? 1 })
  const client = createDevnetClient(chain)
  try {
    const deployed = await deployContracts(client, { deployer: accounts.deployer.address, delays, registrar, slashWad })
    await succeed(
      client,
      client.writeContractSync({
        gas: setupGas,
        account: accounts.requester.address,
        address: deployed.token,
        abi: artifacts.devnetToken.abi,
        functionName: 'mint',
        args: [accounts.requester.address, million],
      }),
    )
    await registerOperators(client, {
      operators: accounts.operators,
      eigenLayer: deployed.eigenLayer,
      allocationDelay: delays.allocation,
    })
    const service =
      resolved.fourMica &&
      (await startFourMica(client, {
        deployer: accounts.deployer.address,
        token: deployed.token,
        validationRegistry: deployed.deployment.validationRegistry,
        options: resolved.fourMica,
      }))
    if (blockTime !== undefined) await client.setIntervalMining({ interval: blockTime })
    const stop = async () => {
      await service?.stop()
      await anvil.stop()
    }
    const { stop: _, ...fourMica } = service ?? { stop: undefined }

    return {
      ...deployed,
      fourMica: 'url' in fourMica ? fourMica : undefined,
      rpcUrl: anvil.rpcUrl,
      chain,
      accounts,
      client,
      mine: (blocks = 1) => client.mine({ blocks }),
      snapshot: () => client.snapshot(),
      revert: (id) => client.revert({ id }),
      exited: anvil.exited,
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await anvil.stop()
    throw error
  }
}

function resolveOptions(options: DevnetOptions) {
  const {
    port = 0,
    blockTime,
    chainId = 31_337,
    startBlock = 1_000_000,
    stakes = [50n * 10n ** 18n, 30n * 10n ** 18n, 20n * 10n ** 18n],
    slashWad = 10n ** 17n,
  } = options
  const delays: DevnetDelays = {
    allocation: 0,
    deallocation: 100_800,
    configuration: 126_000,
    withdrawal: 100_800,
    ...options.delays,
  }
  const registrar: DevnetRegistrarOptions = {
    minWeight: 1n,
    maxWeightAge: 50_000,
    maxReferenceAge: 1_000,
    maxRequestLifetime: 3_600,
    evidenceWindow: 3_600,
    minBlockTime: 1,
    waiveSlashability: false,
    ...options.registrar,
  }
  const check = (option: string, value: unknown, isValid: boolean, expected: string) => {
    if (!isValid) throw new InvalidDevnetOptionError({ option, value, expected })
  }
  const isWhole = (value: number, least: number, most: number) =>
    Number.isSafeInteger(value) && value >= least && value <= most

  check('port', port, isWhole(port, 0, 65_535), 'a port, 1 to 65535')
  check('blockTime', blockTime, blockTime === undefined || isWhole(blockTime, 1, 3_600), 'whole seconds, 1 to 3600')
  check('chainId', chainId, isWhole(chainId, 1, Number.MAX_SAFE_INTEGER), 'a positive integer')
  const leastBlock = delays.withdrawal + 2
  check('startBlock', startBlock, isWhole(startBlock, leastBlock, 2 ** 31), `a block, ${leastBlock} to 2^31`)
  check('stakes', stakes.length, stakes.length <= 256, 'at most 256 operators')
  for (const stake of stakes) check('stakes', stake, stake > 0n && stake < 2n ** 88n, 'stakes from 1 to 2^88')
  for (const [name, value] of Object.entries(delays))
    check(`delays.${name}`, value, isWhole(value, 0, 2 ** 24), 'blocks, 0 to 2^24')
  check('slashWad', slashWad, slashWad >= 1n && slashWad <= 5n * 10n ** 17n, 'a fraction of 1e18, 1 to 0.5e18')
  const fourMica = options.fourMica
    ? {
        port: 0,
        remunerationGracePeriod: 5,
        tabExpirationTime: 3_600,
        synchronizationDelay: 1,
        withdrawalGracePeriod: 7_200,
        ...(options.fourMica === true ? {} : options.fourMica),
      }
    : undefined
  for (const [name, value] of Object.entries(fourMica ?? {}))
    check(`fourMica.${name}`, value, isWhole(value, 0, name === 'port' ? 65_535 : 2 ** 31), 'a port, or seconds')
  if (fourMica) {
    const { remunerationGracePeriod, tabExpirationTime, synchronizationDelay, withdrawalGracePeriod } = fourMica
    check(
      'fourMica',
      JSON.stringify(fourMica),
      remunerationGracePeriod < tabExpirationTime && synchronizationDelay + tabExpirationTime < withdrawalGracePeriod,
      'remuneration before expiration, and both before withdrawal',
    )
  }
  return { port, blockTime, chainId, startBlock, stakes, delays, registrar, slashWad, fourMica }
}
