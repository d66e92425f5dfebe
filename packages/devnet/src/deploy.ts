import type { Deployment } from '@proof-of-inference/sdk'
import { type Address, encodeDeployData, getContractAddress, type Hex, keccak256, zeroAddress } from 'viem'
import { type DevnetClient, setupGas, succeed } from './client.ts'
import * as artifacts from './generated/artifacts.ts'

/** EigenLayer's delays of the stand-ins, in blocks. */
export type DevnetDelays = {
  /** From an operator's allocation to its effect. Default: 0. */
  readonly allocation: number
  /** For which stake stays slashable after it was deallocated, or its operator left. Default: 100,800, as mainnet. */
  readonly deallocation: number
  /** Before a new allocation delay or slasher takes effect. Default: 126,000, as mainnet. */
  readonly configuration: number
  /** For which queued withdrawals stay slashable. Default: 100,800, as mainnet. */
  readonly withdrawal: number
}

/** The OperatorRegistrar's parameters. See `RegistrarConfig` in the contracts. */
export type DevnetRegistrarOptions = {
  /** Least weight to hold an index. Default: 1. */
  readonly minWeight: bigint
  /** Blocks after which a weight that was not refreshed no longer votes. Default: 50,000. */
  readonly maxWeightAge: number
  /** Blocks that a request's reference may lie in the past. Default: 1,000. */
  readonly maxReferenceAge: number
  /** Seconds. Default: 3,600. */
  readonly maxRequestLifetime: number
  /** Seconds after a deadline in which slashing must still succeed. Default: 3,600. */
  readonly evidenceWindow: number
  /** Seconds. Default: 1. */
  readonly minBlockTime: number
  /** Deploy although stake can leave before it could be slashed. Default: false. */
  readonly waiveSlashability: boolean
}

/** The stand-ins for EigenLayer, and the operator set that the AVS made in them. */
export type DevnetEigenLayer = {
  readonly allocationManager: Address
  readonly delegationManager: Address
  readonly strategyManager: Address
  readonly keyRegistrar: Address
  /** The only strategy of the operator set. */
  readonly strategy: Address
  /** What the strategy takes; anyone may mint it. */
  readonly stakeToken: Address
  readonly operatorSet: { readonly avs: Address; readonly id: number }
}

/** A deployment on a chain with EigenLayer, hence with a slasher, and with all registries of ERC-8004. */
export type DevnetDeployment = Deployment & {
  readonly slasher: Address
  readonly validationRegistry: Address
  readonly reputationRegistry: Address
}

export type DeployedContracts = {
  readonly deployment: DevnetDeployment
  readonly eigenLayer: DevnetEigenLayer
  /** An ERC-20 to pay with. */
  readonly token: Address
}

const operatorSetId = 0
const one = 10n ** 18n

/** Deploys contracts whose addresses are settled by the order of deployment. */
export function createDeploy(client: DevnetClient, deployer: Address) {
  return async (address: Address, data: Hex): Promise<{ blockNumber: bigint; codeHash: Hex }> => {
    const receipt = await succeed(client, client.sendTransactionSync({ account: deployer, gas: setupGas, data }))
    if (receipt.contractAddress?.toLowerCase() !== address.toLowerCase())
      throw new Error(`A contract went to ${receipt.contractAddress}, not to ${address}.`)
    const code = await client.getCode({ address })
    return { blockNumber: receipt.blockNumber, codeHash: keccak256(code ?? '0x') }
  }
}

/** Deploys the stand-ins and the contracts, from an account that has sent no transaction. */
export async function deployContracts(
  client: DevnetClient,
  parameters: { deployer: Address; delays: DevnetDelays; registrar: DevnetRegistrarOptions; slashWad: bigint },
): Promise<DeployedContracts> {
  const { deployer, delays, registrar, slashWad } = parameters
  // The contracts name each other, so that their addresses are settled first, by the order of deployment.
  const at = (nonce: number) => getContractAddress({ from: deployer, nonce: BigInt(nonce) })
  const token = at(0)
  const stakeToken = at(1)
  const strategy = at(2)
  const allocationManager = at(3)
  const delegationManager = at(4)
  const strategyManager = at(5)
  const keyRegistrar = at(6)
  const identityRegistry = at(7)
  const validationRegistry = at(8)
  const reputationRegistry = at(9)
  const modelRegistry = at(10)
  const operatorSet = at(11)
  const slasher = at(12)
  const avs = at(13)

  const deploy = createDeploy(client, deployer)

  await deploy(token, encodeDeployData({ ...artifacts.devnetToken, args: ['Devnet Dollar', 'USDV'] }))
  await deploy(stakeToken, encodeDeployData({ ...artifacts.devnetToken, args: ['Devnet Stake', 'STAKE'] }))
  await deploy(strategy, encodeDeployData({ ...artifacts.devnetStrategy, args: [stakeToken] }))
  await deploy(
    allocationManager,
    encodeDeployData({
      ...artifacts.devnetAllocationManager,
      args: [delegationManager, delays.deallocation, delays.configuration],
    }),
  )
  await deploy(
    delegationManager,
    encodeDeployData({
      ...artifacts.devnetDelegationManager,
      args: [allocationManager, strategyManager, delays.withdrawal],
    }),
  )
  await deploy(
    strategyManager,
    encodeDeployData({ ...artifacts.devnetStrategyManager, args: [delegationManager, deployer] }),
  )
  await deploy(keyRegistrar, encodeDeployData({ ...artifacts.devnetKeyRegistrar, args: [allocationManager] }))
  await deploy(identityRegistry, encodeDeployData(artifacts.devnetIdentityRegistry))
  await deploy(
    validationRegistry,
    encodeDeployData({ ...artifacts.devnetValidationRegistry, args: [identityRegistry] }),
  )
  await deploy(
    reputationRegistry,
    encodeDeployData({ ...artifacts.devnetReputationRegistry, args: [identityRegistry] }),
  )
  const deployedRegistry = await deploy(modelRegistry, encodeDeployData({ ...artifacts.modelRegistry, args: [avs] }))
  const deployedRegistrar = await deploy(
    operatorSet,
    encodeDeployData({
      ...artifacts.operatorRegistrar,
      args: [
        {
          ...registrar,
          avs,
          allocationManager,
          keyRegistrar,
          operatorSetId,
          strategies: [{ strategy, multiplier: one }],
        },
      ],
    }),
  )
  const deployedSlasher = await deploy(
    slasher,
    encodeDeployData({ ...artifacts.equivocationSlasher, args: [{ operatorSet, wad: slashWad }] }),
  )
  const deployedAvs = await deploy(
    avs,
    encodeDeployData({
      ...artifacts.proofOfInferenceAVS,
      args: [
        {
          owner: deployer,
          modelRegistry,
          operatorSet,
          identityRegistry,
          validationRegistry,
          reputationRegistry,
          allocationManager,
          keyRegistrar,
          slasher,
          operatorSetId,
          strategies: [strategy],
          metadataURI: '',
          tables: { crossChainRegistry: zeroAddress, calculator: zeroAddress, maxStaleness: 0 },
        },
      ],
    }),
  )
  await succeed(
    client,
    client.writeContractSync({
      account: deployer,
      gas: setupGas,
      address: strategyManager,
      abi: artifacts.devnetStrategyManager.abi,
      functionName: 'addStrategiesToDepositWhitelist',
      args: [[strategy]],
    }),
  )

  return {
    deployment: {
      chainId: client.chain.id,
      startBlock: deployedAvs.blockNumber,
      avs,
      modelRegistry,
      operatorSet,
      slasher,
      identityRegistry,
      validationRegistry,
      reputationRegistry,
      codeHashes: {
        avs: deployedAvs.codeHash,
        modelRegistry: deployedRegistry.codeHash,
        operatorSet: deployedRegistrar.codeHash,
        slasher: deployedSlasher.codeHash,
      },
    },
    eigenLayer: {
      allocationManager,
      delegationManager,
      strategyManager,
      keyRegistrar,
      strategy,
      stakeToken,
      operatorSet: { avs, id: operatorSetId },
    },
    token,
  }
}
