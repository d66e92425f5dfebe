import { createDevnet } from '@proof-of-inference/devnet'
import {
  type AbiEvent,
  type Address,
  decodeEventLog,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  isHex,
  type Log,
  parseAbi,
  slice,
  toEventSelector,
  toFunctionSelector,
  zeroAddress,
} from 'viem'
import { toVote } from '../../src/utils/vote.ts'
import * as artifacts from '../generated/artifacts.ts'
import { createDigests } from './digests.ts'
import type { CastVote, Event, Operation, Scenario } from './operations.ts'
import {
  accounts,
  agentIds,
  assetsOf,
  clock,
  maxRequestLifetime,
  minimumNativeFee,
  modelOwner,
  operators,
  owner,
  payee,
  requesters,
  versions,
  type World,
} from './world.ts'

/** What the contract did: what it returned and said, or the name of its error. */
export type Answer = { readonly returned: unknown; readonly events: readonly Event[] } | { readonly error: string }

const avsAbi = artifacts.proofOfInferenceAVS.abi
const registryAbi = artifacts.modelRegistry.abi
const probeAbi = artifacts.probe.abi
const tokenAbi = parseAbi(['function mint(address, uint256)', 'function approve(address, uint256)'])
const setupGas = 15_000_000n
/** Nobody runs out of money. */
const plenty = 2n ** 140n

const events = new Map<string, AbiEvent>(
  [...avsAbi, ...registryAbi].flatMap((entry) => (entry.type === 'event' ? [[toEventSelector(entry), entry]] : [])),
)
const errors = new Map<Hex, string>(
  [...avsAbi, ...registryAbi].flatMap((entry) =>
    entry.type === 'error'
      ? [[toFunctionSelector(`error ${entry.name}(${entry.inputs.map(({ type }) => type).join()})`), entry.name]]
      : [],
  ),
)

type Call = { readonly to: Address; readonly data: Hex; readonly value?: bigint }

/** The contracts under test on a chain of their own, with an operator set that tests can set as they like. */
export async function createStage() {
  const devnet = await createDevnet({ stakes: [] })
  const { client, token } = devnet
  const deployer = devnet.accounts.deployer.address

  const deploy = async (data: Hex): Promise<Address> => {
    const receipt = await client.sendTransactionSync({
      account: deployer,
      gas: setupGas,
      data,
      throwOnReceiptRevert: true,
    })
    if (!receipt.contractAddress) throw new Error('A deployment made no contract.')
    return receipt.contractAddress
  }
  const send = (from: Address, to: Address, data: Hex) =>
    client.sendTransactionSync({ account: from, to, data, gas: setupGas, throwOnReceiptRevert: true })

  const operatorSet = await deploy(
    encodeDeployData({ ...artifacts.mockOperatorSet, args: [clock, maxRequestLifetime] }),
  )
  const identityRegistry = await deploy(encodeDeployData(artifacts.mockIdentityRegistry))
  const probe = await deploy(encodeDeployData(artifacts.probe))
  const nonce = await client.getTransactionCount({ address: deployer })
  const avs = getContractAddress({ from: deployer, nonce: BigInt(nonce + 1) })
  const modelRegistry = await deploy(encodeDeployData({ ...artifacts.modelRegistry, args: [avs] }))
  const config = {
    owner: owner.address,
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
  }
  await deploy(encodeDeployData({ ...artifacts.proofOfInferenceAVS, args: [config] }))

  for (const { address } of [modelOwner, ...requesters]) await client.impersonateAccount({ address })
  const [version, ...laterVersions] = versions
  if (version === undefined) throw new Error('There is no version.')
  const fees = [
    { asset: zeroAddress, accepted: true, minimumFee: minimumNativeFee },
    { asset: token, accepted: true, minimumFee: 0n },
  ]
  for (const address of [owner.address, modelOwner.address, ...accounts])
    await client.setBalance({ address, value: plenty })
  const registry = { abi: registryAbi, address: modelRegistry } as const
  await send(
    modelOwner.address,
    modelRegistry,
    encodeFunctionData({ abi: registryAbi, functionName: 'registerModel', args: ['model', { version, fees }] }),
  )
  const modelId = await client.readContract({
    ...registry,
    functionName: 'computeModelId',
    args: [modelOwner.address, 'model'],
  })
  for (const later of laterVersions)
    await send(
      modelOwner.address,
      modelRegistry,
      encodeFunctionData({ abi: registryAbi, functionName: 'publishVersion', args: [modelId, later] }),
    )
  const versionIds = await Promise.all(
    versions.map((_, index) =>
      client.readContract({ ...registry, functionName: 'getModelVersionId', args: [modelId, index + 1] }),
    ),
  )
  const setAgentWallet = (agentId: bigint, wallet: Address) =>
    encodeFunctionData({
      abi: artifacts.mockIdentityRegistry.abi,
      functionName: 'setAgentWallet',
      args: [agentId, wallet],
    })
  for (const agentId of agentIds) await send(deployer, identityRegistry, setAgentWallet(agentId, payee.address))
  for (const { address } of requesters) {
    await send(deployer, token, encodeFunctionData({ abi: tokenAbi, functionName: 'mint', args: [address, plenty] }))
    await send(address, token, encodeFunctionData({ abi: tokenAbi, functionName: 'approve', args: [avs, plenty] }))
  }

  const world: World = {
    digests: createDigests({ chainId: devnet.chain.id, avs }),
    token,
    modelId,
    versionIds,
    minimumFees: new Map(fees.map(({ asset, minimumFee }) => [asset, minimumFee])),
  }

  const encode = (operation: Operation): Call => {
    const call = (data: Hex, value = 0n): Call => ({ to: avs, data, value })
    switch (operation.name) {
      case 'deposit': {
        const { name: functionName, asset, amount, value } = operation
        return call(encodeFunctionData({ abi: avsAbi, functionName, args: [asset, amount] }), value)
      }
      case 'initiateDepositWithdrawal': {
        const { name: functionName, asset, amount } = operation
        return call(encodeFunctionData({ abi: avsAbi, functionName, args: [asset, amount] }))
      }
      case 'completeDepositWithdrawal':
        return call(encodeFunctionData({ abi: avsAbi, functionName: operation.name, args: [operation.asset] }))
      case 'withdrawEarnings': {
        const { name: functionName, asset, account } = operation
        return call(encodeFunctionData({ abi: avsAbi, functionName, args: [asset, account] }))
      }
      case 'requestInferenceVerification': {
        const { name: functionName, request, job, consent, fromDeposit, input, output } = operation
        const opening = { fromDeposit, consent: consent.signature, input, output }
        return call(encodeFunctionData({ abi: avsAbi, functionName, args: [request, job, opening] }), operation.value)
      }
      case 'recordConsent': {
        const { name: functionName, job, consent } = operation
        return call(encodeFunctionData({ abi: avsAbi, functionName, args: [job, consent.signature] }))
      }
      case 'settleRequest': {
        const { name: functionName, request, job } = operation
        return call(encodeFunctionData({ abi: avsAbi, functionName, args: [request, job] }))
      }
      case 'commitVerification': {
        const { name: functionName, request, operator, commitment } = operation
        return call(encodeFunctionData({ abi: avsAbi, functionName, args: [request, operator, commitment] }))
      }
      case 'submitVerification': {
        const { name: functionName, request, job, vote, operatorSalt } = operation
        const { attestation, signed } = vote
        const args = [request, job, attestation, signed.signature, operatorSalt] as const
        return call(encodeFunctionData({ abi: avsAbi, functionName, args }))
      }
      case 'submitVerifications': {
        const ballots = operation.ballots.map((ballot) => ({ ...ballot, votes: ballot.votes.map(compact) }))
        return call(encodeFunctionData({ abi: avsAbi, functionName: operation.name, args: [ballots] }))
      }
      case 'settleCertificates': {
        const certificates = operation.certificates.map((certificate) => ({
          ...certificate,
          requesterSignature: certificate.requesterSignature.signature,
          consent: certificate.consent.signature,
          votes: certificate.votes.map(compact),
        }))
        return call(encodeFunctionData({ abi: avsAbi, functionName: operation.name, args: [certificates] }))
      }
      case 'claimFees': {
        const { name: functionName, operator, requests } = operation
        return call(encodeFunctionData({ abi: avsAbi, functionName, args: [operator, requests] }))
      }
      case 'releaseUnearnedFee':
        return call(encodeFunctionData({ abi: avsAbi, functionName: operation.name, args: [operation.request] }))
      case 'pauseRequests':
      case 'unpauseRequests':
        return call(encodeFunctionData({ abi: avsAbi, functionName: operation.name }))
      case 'setActive': {
        const args = [modelId, operation.isActive] as const
        return { to: modelRegistry, data: encodeFunctionData({ abi: registryAbi, functionName: 'setActive', args }) }
      }
      case 'setAgentWallet':
        return { to: identityRegistry, data: setAgentWallet(operation.agentId, operation.wallet) }
    }
  }

  const setVoters = ({ electorates }: Scenario) =>
    electorates.flatMap(({ timepoint, voters }) =>
      voters.map(({ operator, ...voter }) => ({
        from: deployer,
        to: operatorSet,
        data: encodeFunctionData({
          abi: artifacts.mockOperatorSet.abi,
          functionName: 'setVoter',
          args: [timepoint, operator, voter],
        }),
      })),
    )

  const read = (requestIds: readonly Hex[], jobIds: readonly Hex[]): Call => {
    const subjects = {
      requestIds,
      jobIds,
      operators: operators.map(({ address }) => address),
      accounts,
      assets: assetsOf(world),
      agentIds,
      modelId,
    }
    return { to: probe, data: encodeFunctionData({ abi: probeAbi, functionName: 'read', args: [avs, subjects] }) }
  }

  const decodeEvents = (logs: readonly Log[] = []): Event[] =>
    logs.flatMap(({ address, topics, data }) => {
      if (address.toLowerCase() === token.toLowerCase()) return []
      const event = events.get(topics[0] ?? '')
      if (event === undefined) throw new Error(`${address} emitted an event that is not in the ABIs: ${topics[0]}`)
      const { eventName, args } = decodeEventLog({ abi: [event], topics, data })
      return [{ name: eventName, args: withReason(args ?? {}) }]
    })

  /** Runs a scenario on the freshly deployed contracts, and reads at its end. Nothing is kept. */
  async function run(scenario: Scenario, requestIds: readonly Hex[], jobIds: readonly Hex[]) {
    const blocks = scenario.blocks.map(({ timestamp, operations }, index) => ({
      blockOverrides: { time: BigInt(timestamp), gasLimit: 2n ** 40n },
      calls: [
        ...(index === 0 ? setVoters(scenario) : []),
        ...operations.map((operation) => ({ from: operation.from, ...encode(operation) })),
        ...(index === scenario.blocks.length - 1 ? [{ from: deployer, ...read(requestIds, jobIds) }] : []),
      ],
    }))
    const simulated = await client.simulateBlocks({ blocks })
    const calls = simulated.flatMap(({ calls }) => calls).slice(setVoters(scenario).length)
    const reading = calls.pop()
    if (reading?.status !== 'success') throw new Error(`The state could not be read: ${reading?.data}`)
    const operations = scenario.blocks.flatMap((block) => block.operations)
    const answers = calls.map(({ status, data, logs }, index): Answer => {
      if (status === 'failure') return { error: nameOf(data) }
      const name = operations[index]?.name
      const isOurs = name !== undefined && name !== 'setActive' && name !== 'setAgentWallet' && data !== '0x'
      const returned = isOurs ? decodeFunctionResult({ abi: avsAbi, functionName: name, data }) : undefined
      return { returned, events: decodeEvents(logs) }
    })
    return { answers, reading: decodeFunctionResult({ abi: probeAbi, functionName: 'read', data: reading.data }) }
  }

  return { world, run, client, probe, stop: devnet.stop }
}

export type Stage = Awaited<ReturnType<typeof createStage>>
export type Reading = Awaited<ReturnType<Stage['run']>>['reading']

const compact = ({ attestation, signed }: CastVote) => toVote({ attestation, signature: signed.signature })

/** An event's arguments, with the name of the error that `reason` is. */
function withReason(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { reason } = args
  return isHex(reason) ? { ...args, reason: nameOf(reason) } : { ...args }
}

function nameOf(data: Hex): string {
  return errors.get(slice(data, 0, 4)) ?? `an error that is not in the ABIs: ${data}`
}
