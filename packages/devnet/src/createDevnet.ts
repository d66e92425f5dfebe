import type { Address } from 'viem'
import { deriveAccounts } from './accounts.ts'
import {
  type DevnetDelays,
  type DevnetDeployment,
  type DevnetEigenLayer,
  type DevnetRegistrarOptions,
  deployContracts,
} from './deploy.ts'
import { type DevnetFourMica, type DevnetFourMicaOptions, startFourMica } from './fourMica/startFourMica.ts'
import { check, checkChainOptions, isWhole } from './options.ts'
import { registerOperators } from './registerOperators.ts'
import { type DevnetChain, startChain } from './startChain.ts'

/** What a devnet is started with. */
export type DevnetOptions = {
  /** TCP port on loopback, 1..65535. Default: a free one. */
  readonly port?: number | undefined
  /** Whole seconds between blocks. Default: a block for every transaction, and none without. */
  readonly blockTime?: number | undefined
  /** With a block time: a block for every transaction besides, at once. Default: false. */
  readonly automine?: boolean | undefined
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
export type Devnet<fourMica extends DevnetFourMica | undefined = DevnetFourMica | undefined> = DevnetChain & {
  /** What the SDK's actions take. */
  readonly deployment: DevnetDeployment
  /** An ERC-20 with 18 decimals that anyone may mint, to pay with. */
  readonly token: Address
  readonly eigenLayer: DevnetEigenLayer
  /** Where 4Mica is; `undefined` unless the option asks for it. Its memory does not go back with `revert`. */
  readonly fourMica: fourMica
}

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
  const { port, blockTime, automine, chainId, startBlock, stakes, delays, registrar, slashWad } = resolved
  const accounts = deriveAccounts(stakes)
  // 4Mica's client pays 0.1 gwei for gas at most
  const baseFee = resolved.fourMica ? 0 : undefined
  let service: Awaited<ReturnType<typeof startFourMica>> | undefined
  const devnet = await startChain(
    { port, blockTime, automine, chainId, startBlock, accounts, baseFee },
    async (client) => {
      const deployed = await deployContracts(client, {
        deployer: accounts.deployer.address,
        delays,
        registrar,
        slashWad,
      })
      await registerOperators(client, {
        operators: accounts.operators,
        eigenLayer: deployed.eigenLayer,
        allocationDelay: delays.allocation,
      })
      if (!resolved.fourMica) return { ...deployed, fourMica: undefined }
      service = await startFourMica(client, {
        deployer: accounts.deployer.address,
        token: deployed.token,
        validationRegistry: deployed.deployment.validationRegistry,
        options: resolved.fourMica,
      })
      const { stop: _, ...fourMica } = service
      return { ...deployed, fourMica }
    },
  ).catch(async (error: unknown) => {
    await service?.stop()
    throw error
  })
  const stop = async () => {
    await service?.stop()
    await devnet.stop()
  }
  return { ...devnet, stop, [Symbol.asyncDispose]: stop }
}

function resolveOptions(options: DevnetOptions) {
  const {
    port = 0,
    blockTime,
    automine,
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
  checkChainOptions({ port, blockTime, chainId })
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
  return { port, blockTime, automine, chainId, startBlock, stakes, delays, registrar, slashWad, fourMica }
}
