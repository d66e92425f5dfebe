import type { Deployment } from '@proof-of-inference/sdk'
import { type Address, encodeDeployData, getContractAddress, zeroAddress } from 'viem'
import type { DevnetClient } from './client.ts'
import { createDeploy, type DevnetEigenLayer } from './deploy.ts'
import * as artifacts from './generated/artifacts.ts'

/** The OperatorTableSet's parameters, all times in seconds. See `TableSetConfig` in the contracts. */
export type DevnetTableSetOptions = {
  /** Least weight to hold an index. Default: 1. */
  readonly minWeight: bigint
  /** That a request's reference may lie in the past. Default: 86,400. */
  readonly maxReferenceAge: number
  /** For which a table may be referred to after the timestamp of the next one. Default: 60. */
  readonly supersededGrace: number
  /** Default: 3,600. */
  readonly maxRequestLifetime: number
  /** After a deadline, in which slashing on L1 must still succeed. Default: 3,600. */
  readonly evidenceWindow: number
  /** For which the stake in a table stays slashable on L1, where a block takes at least a second. Default: 100,000. */
  readonly weightLookahead: number
  /** Deploy although stake can leave before it could be slashed. Default: false. */
  readonly waiveSlashability: boolean
}

/** The stand-ins for what EigenLayer has on an L2. */
export type DevnetTables = {
  /** The ECDSACertificateVerifier, which has the operator tables. */
  readonly certificateVerifier: Address
  /** The OperatorTableUpdater, by way of which the deployer posts them. */
  readonly tableUpdater: Address
}

export type DeployedL2Contracts = {
  readonly deployment: Deployment & { readonly slasher: null }
  readonly tables: DevnetTables
  /** An ERC-20 to pay with. */
  readonly token: Address
}

/** The only kind of stake counts as it is. */
const multipliers = [10n ** 18n]

/** Deploys the stand-ins and the contracts of an L2, from an account that has sent no transaction. */
export async function deployL2Contracts(
  client: DevnetClient,
  {
    deployer,
    l1Set,
    tableSet,
  }: { deployer: Address; l1Set: DevnetEigenLayer['operatorSet']; tableSet: DevnetTableSetOptions },
): Promise<DeployedL2Contracts> {
  const at = (nonce: number) => getContractAddress({ from: deployer, nonce: BigInt(nonce) })
  const token = at(0)
  const identityRegistry = at(1)
  const tableUpdater = at(2)
  const modelRegistry = at(3)
  const operatorSet = at(4)
  const avs = at(5)
  // The first contract that the updater creates.
  const certificateVerifier = getContractAddress({ from: tableUpdater, nonce: 1n })
  const deploy = createDeploy(client, deployer)

  await deploy(token, encodeDeployData({ ...artifacts.devnetToken, args: ['Devnet Dollar', 'USDV'] }))
  await deploy(identityRegistry, encodeDeployData(artifacts.devnetIdentityRegistry))
  await deploy(tableUpdater, encodeDeployData({ ...artifacts.devnetOperatorTableUpdater, args: [deployer] }))
  const deployedRegistry = await deploy(modelRegistry, encodeDeployData({ ...artifacts.modelRegistry, args: [avs] }))
  const deployedSet = await deploy(
    operatorSet,
    encodeDeployData({
      ...artifacts.operatorTableSet,
      args: [{ ...tableSet, certificateVerifier, avs: l1Set.avs, operatorSetId: l1Set.id, multipliers }],
    }),
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
          validationRegistry: zeroAddress,
          reputationRegistry: zeroAddress,
          allocationManager: zeroAddress,
          keyRegistrar: zeroAddress,
          slasher: zeroAddress,
          operatorSetId: 0,
          strategies: [],
          metadataURI: '',
          tables: { crossChainRegistry: zeroAddress, calculator: zeroAddress, maxStaleness: 0 },
        },
      ],
    }),
  )
  return {
    deployment: {
      chainId: client.chain.id,
      startBlock: deployedAvs.blockNumber,
      avs,
      modelRegistry,
      operatorSet,
      slasher: null,
      identityRegistry,
      validationRegistry: null,
      reputationRegistry: null,
      codeHashes: {
        avs: deployedAvs.codeHash,
        modelRegistry: deployedRegistry.codeHash,
        operatorSet: deployedSet.codeHash,
        slasher: null,
      },
    },
    tables: { certificateVerifier, tableUpdater },
    token,
  }
}
