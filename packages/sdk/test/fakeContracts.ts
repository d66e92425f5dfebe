import type { Deployment } from '@proof-of-inference/sdk'
import {
  equivocationSlasherAbi,
  modelRegistryAbi,
  operatorRegistrarAbi,
  operatorTableSetAbi,
  proofOfInferenceAvsAbi,
} from '@proof-of-inference/sdk/abis'
import { allocationManagerAbi, ecdsaCertificateVerifierAbi } from '@proof-of-inference/sdk/eigenlayer'
import { type Abi, createClient, custom, decodeFunctionData, encodeFunctionResult, type Hex, zeroAddress } from 'viem'

export const fakeDeployment: Deployment = {
  chainId: 31_337,
  startBlock: 100n,
  avs: '0xa000000000000000000000000000000000000001',
  modelRegistry: '0xa000000000000000000000000000000000000002',
  operatorSet: '0xa000000000000000000000000000000000000003',
  slasher: null,
  identityRegistry: '0xa000000000000000000000000000000000000004',
  validationRegistry: null,
  reputationRegistry: null,
}

/** What a node answers a call with that reverts. */
export class FakeRevert extends Error {
  readonly code = 3
  constructor(readonly data: Hex | undefined) {
    super('execution reverted')
  }
}

type Answer = (...args: never[]) => unknown
type Answers = { [name: string]: Answer }

/**
 * A viem client on a node that answers as told, whose contracts are those of {@link fakeDeployment}.
 *
 * @param parameters.rpc Answers by method of JSON-RPC.
 * @param parameters.contract Answers by function of the contracts; `undefined` for a write, which is only simulated.
 */
export function createFakeContracts({ rpc = {}, contract = {} }: { rpc?: Answers; contract?: Answers } = {}) {
  const requests: { method: string; params: unknown }[] = []
  const abi: Abi = [
    ...proofOfInferenceAvsAbi,
    ...modelRegistryAbi,
    ...operatorRegistrarAbi,
    ...operatorTableSetAbi,
    ...equivocationSlasherAbi,
    ...allocationManagerAbi,
    ...ecdsaCertificateVerifierAbi,
  ]
  const functions: Answers = {
    modelRegistry: () => fakeDeployment.modelRegistry,
    operatorSet: () => fakeDeployment.operatorSet,
    identityRegistry: () => fakeDeployment.identityRegistry,
    validationRegistry: () => zeroAddress,
    reputationRegistry: () => zeroAddress,
    ...contract,
  }
  const answer = (answers: Answers, name: string, args: readonly unknown[]) => {
    const find = answers[name]
    if (!find) throw new Error(`The fake node has no answer to ${name}.`)
    return find(...(args as never[]))
  }
  const methods: Answers = {
    eth_chainId: () => '0x7a69',
    eth_getCode: () => '0x60',
    eth_blockNumber: () => '0x64',
    eth_call: ({ data }: { data: Hex }) => {
      const { functionName, args = [] } = decodeFunctionData({ abi, data })
      const result = answer(functions, functionName, args)
      return result === undefined ? '0x' : encodeFunctionResult({ abi, functionName, result })
    },
    ...rpc,
  }
  const client = createClient({
    pollingInterval: 1,
    cacheTime: 0,
    transport: custom(
      {
        async request({ method, params = [] }: { method: string; params?: unknown[] }) {
          requests.push({ method, params })
          return answer(methods, method, params)
        },
      },
      { retryCount: 0 },
    ),
  })
  return { client, requests }
}
