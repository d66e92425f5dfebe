import type { ChainContracts } from '@proof-of-inference/sdk'
import { type Address, encodeDeployData, getContractAddress, type Hex } from 'viem'
import { deriveAccounts } from './accounts.ts'
import type { DevnetClient } from './client.ts'
import { createDeploy, type DevnetDelays } from './deploy.ts'
import * as artifacts from './generated/artifacts.ts'
import { check, checkChainOptions, isWhole } from './options.ts'
import { type DevnetChain, startChain } from './startChain.ts'

export type RehearsalOptions = {
  /** What is on the real chain: an entry of `chains` of the SDK, with a `validationRegistry` if you know one. */
  readonly contracts: ChainContracts
  /** Addresses that get a stand-in for a strategy of EigenLayer, for the token of {@link Rehearsal}. Default: none. */
  readonly strategies?: readonly Address[] | undefined
  /** Addresses that get code that does nothing, for what there is no stand-in for. Default: none. */
  readonly others?: readonly Address[] | undefined
  /** EigenLayer's delays, in blocks. Default: Ethereum's. */
  readonly delays?: Partial<Delays> | undefined
  /** TCP port on loopback, 1..65535. Default: a free one. */
  readonly port?: number | undefined
}

/** A running rehearsal. */
export type Rehearsal = DevnetChain & {
  /** An ERC-20 with 18 decimals that anyone may mint: what the strategies take. */
  readonly token: Address
}

/** Operators choose the other one. */
type Delays = Omit<DevnetDelays, 'allocation'>

/** STOP: every call succeeds and answers nothing. */
const nothing = '0x00'

/**
 * Starts a local chain with the id of a real one, and with stand-ins at the very addresses where EigenLayer and ERC-8004
 * are there. The market is not on it: it is for rehearsing its deployment. Nothing leaves the machine, and nothing is
 * asked of the real chain.
 *
 * @throws `InvalidDevnetOptionError`, `AnvilNotFoundError`, `AnvilStartError`, `PortInUseError`, `DevnetSetupError`
 *
 * @example
 * const chain = await createRehearsal({ contracts: chains[11155111], delays: { deallocation: 50 } })
 * await assertChain(chain.client, chains[11155111])
 * await chain.stop()
 */
export async function createRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const { contracts, strategies = [], others = [], port = 0 } = options
  const delays: Delays = { deallocation: 100_800, configuration: 126_000, withdrawal: 100_800, ...options.delays }
  const { chainId } = contracts
  checkChainOptions({ port, blockTime: undefined, chainId })
  for (const [name, value] of Object.entries(delays))
    check(`delays.${name}`, value, isWhole(value, 0, 2 ** 24), 'blocks, 0 to 2^24')
  const accounts = deriveAccounts([])
  const chain = { port, blockTime: undefined, chainId, startBlock: 1_000_000, accounts }
  return startChain(chain, async (client) => {
    const place = createPlace(client, accounts.deployer.address)
    const token = await place(
      encodeDeployData({ ...artifacts.devnetToken, args: ['Devnet Stake', 'STAKE'] }),
      undefined,
    )
    await placeEigenLayer(place, contracts, { delays, whitelister: accounts.deployer.address })
    await placeRegistries(place, contracts.registries)
    for (const strategy of strategies)
      await place(encodeDeployData({ ...artifacts.devnetStrategy, args: [token] }), strategy)
    const { permissionController, rewardsCoordinator, crossChainRegistry } = contracts.eigenLayer ?? {}
    for (const address of [permissionController, rewardsCoordinator, crossChainRegistry, ...others])
      if (address !== undefined) await client.setCode({ address, bytecode: nothing })
    return { token }
  })
}

type Place = ReturnType<typeof createPlace>

/** Deploys a contract, and puts its code at another address if one is given. What its constructor stores stays behind. */
function createPlace(client: DevnetClient, deployer: Address) {
  const deploy = createDeploy(client, deployer)
  return async (data: Hex, address: Address | undefined): Promise<Address> => {
    const nonce = await client.getTransactionCount({ address: deployer })
    const deployed = getContractAddress({ from: deployer, nonce: BigInt(nonce) })
    await deploy(deployed, data)
    if (address === undefined) return deployed
    const bytecode = await client.getCode({ address: deployed })
    if (bytecode === undefined) throw new Error(`There is no code at ${deployed}.`)
    await client.setCode({ address, bytecode })
    return address
  }
}

async function placeEigenLayer(
  place: Place,
  { eigenLayer, certificateVerifier }: ChainContracts,
  { delays, whitelister }: { delays: Delays; whitelister: Address },
): Promise<void> {
  if (certificateVerifier !== null)
    await place(
      encodeDeployData({ ...artifacts.devnetECDSACertificateVerifier, args: [whitelister] }),
      certificateVerifier,
    )
  if (eigenLayer === null) return
  const { allocationManager, delegationManager, strategyManager, keyRegistrar } = eigenLayer
  await place(
    encodeDeployData({
      ...artifacts.devnetAllocationManager,
      args: [delegationManager, delays.deallocation, delays.configuration],
    }),
    allocationManager,
  )
  await place(
    encodeDeployData({
      ...artifacts.devnetDelegationManager,
      args: [allocationManager, strategyManager, delays.withdrawal],
    }),
    delegationManager,
  )
  await place(
    encodeDeployData({ ...artifacts.devnetStrategyManager, args: [delegationManager, whitelister] }),
    strategyManager,
  )
  await place(encodeDeployData({ ...artifacts.devnetKeyRegistrar, args: [allocationManager] }), keyRegistrar)
}

async function placeRegistries(
  place: Place,
  { identityRegistry, reputationRegistry, validationRegistry }: ChainContracts['registries'],
): Promise<void> {
  const args = [identityRegistry] as const
  await place(encodeDeployData(artifacts.devnetIdentityRegistry), identityRegistry)
  if (reputationRegistry !== null)
    await place(encodeDeployData({ ...artifacts.devnetReputationRegistry, args }), reputationRegistry)
  if (validationRegistry !== null)
    await place(encodeDeployData({ ...artifacts.devnetValidationRegistry, args }), validationRegistry)
}
