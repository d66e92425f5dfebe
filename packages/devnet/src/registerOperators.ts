import { type Address, zeroAddress } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { DevnetOperator } from './accounts.ts'
import { type DevnetClient, setupGas, succeed } from './client.ts'
import type { DevnetEigenLayer } from './deploy.ts'
import * as artifacts from './generated/artifacts.ts'

/** The whole of a strategy's magnitude. */
const wholeMagnitude = 10n ** 18n

/**
 * Takes operators through EigenLayer's registration: stake deposited and allocated, key registered, set joined; then
 * mines a block, so that their weights are in the past.
 */
export async function registerOperators(
  client: DevnetClient,
  parameters: { operators: readonly DevnetOperator[]; eigenLayer: DevnetEigenLayer; allocationDelay: number },
): Promise<void> {
  const { operators, eigenLayer, allocationDelay } = parameters
  for (const operator of operators) await prepareOperator(client, operator, eigenLayer, allocationDelay)
  if (allocationDelay > 0) await client.mine({ blocks: allocationDelay })
  for (const { account } of operators) {
    await succeed(
      client,
      client.writeContractSync({
        gas: setupGas,
        account: account.address,
        address: eigenLayer.allocationManager,
        abi: artifacts.devnetAllocationManager.abi,
        functionName: 'registerForOperatorSets',
        args: [
          account.address,
          { avs: eigenLayer.operatorSet.avs, operatorSetIds: [eigenLayer.operatorSet.id], data: '0x' },
        ],
      }),
    )
  }
  await client.mine({ blocks: 1 })
}

async function prepareOperator(
  client: DevnetClient,
  { account, signer, stake }: DevnetOperator,
  eigenLayer: DevnetEigenLayer,
  allocationDelay: number,
): Promise<void> {
  const from = { gas: setupGas, account: account.address }
  await succeed(
    client,
    client.writeContractSync({
      ...from,
      address: eigenLayer.delegationManager,
      abi: artifacts.devnetDelegationManager.abi,
      functionName: 'registerAsOperator',
      args: [zeroAddress, allocationDelay, ''],
    }),
  )
  await succeed(
    client,
    client.writeContractSync({
      ...from,
      address: eigenLayer.stakeToken,
      abi: artifacts.devnetToken.abi,
      functionName: 'mint',
      args: [account.address, stake],
    }),
  )
  await succeed(
    client,
    client.writeContractSync({
      ...from,
      address: eigenLayer.stakeToken,
      abi: artifacts.devnetToken.abi,
      functionName: 'approve',
      args: [eigenLayer.strategyManager, stake],
    }),
  )
  await succeed(
    client,
    client.writeContractSync({
      ...from,
      address: eigenLayer.strategyManager,
      abi: artifacts.devnetStrategyManager.abi,
      functionName: 'depositIntoStrategy',
      args: [eigenLayer.strategy, eigenLayer.stakeToken, stake],
    }),
  )
  await succeed(
    client,
    client.writeContractSync({
      ...from,
      address: eigenLayer.allocationManager,
      abi: artifacts.devnetAllocationManager.abi,
      functionName: 'modifyAllocations',
      args: [
        account.address,
        [
          {
            operatorSet: eigenLayer.operatorSet,
            strategies: [eigenLayer.strategy],
            newMagnitudes: [wholeMagnitude],
          },
        ],
      ],
    }),
  )
  await succeed(
    client,
    client.writeContractSync({
      ...from,
      address: eigenLayer.keyRegistrar,
      abi: artifacts.devnetKeyRegistrar.abi,
      functionName: 'registerKey',
      args: [
        account.address,
        eigenLayer.operatorSet,
        signer.address,
        await signKeyRegistration(signer, {
          operator: account.address,
          eigenLayer,
          chainId: client.chain.id,
        }),
      ],
    }),
  )
}

/** The key's consent to be registered, as EigenLayer's KeyRegistrar asks for it. */
function signKeyRegistration(
  signer: PrivateKeyAccount,
  { operator, eigenLayer, chainId }: { operator: Address; eigenLayer: DevnetEigenLayer; chainId: number },
) {
  return signer.signTypedData({
    domain: { name: 'EigenLayer', version: '1', chainId, verifyingContract: eigenLayer.keyRegistrar },
    types: {
      ECDSAKeyRegistration: [
        { name: 'operator', type: 'address' },
        { name: 'avs', type: 'address' },
        { name: 'operatorSetId', type: 'uint32' },
        { name: 'keyAddress', type: 'address' },
      ],
    },
    primaryType: 'ECDSAKeyRegistration',
    message: {
      operator,
      avs: eigenLayer.operatorSet.avs,
      operatorSetId: eigenLayer.operatorSet.id,
      keyAddress: signer.address,
    },
  })
}
