import type { Devnet, DevnetFourMica } from '@proof-of-inference/devnet'
import type { Job } from '@proof-of-inference/sdk'
import { signConsent } from '@proof-of-inference/sdk/actions'
import {
  type EscrowConfig,
  escrow,
  type FourMicaConfig,
  fourMica,
  getReceiptBinding,
  memoryPaymentStore,
  type PaymentMessage,
} from '@proof-of-inference/sdk/payments'
import {
  type Address,
  createWalletClient,
  erc20Abi,
  type Hex,
  http,
  type LocalAccount,
  maxUint256,
  parseAbi,
  parseEther,
  parseEventLogs,
  publicActions,
  toHex,
  zeroHash,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { createMarket } from './market.ts'

const identityRegistryAbi = parseAbi([
  'function register() returns (uint256 agentId)',
  'event Registered(uint256 indexed agentId, string agentURI, address indexed owner)',
])
const registryAbi = parseAbi([
  'function validationRequest(address validatorAddress, uint256 agentId, string requestURI, bytes32 requestHash)',
  'function validationResponse(bytes32 requestHash, uint8 response, string responseURI, bytes32 responseHash, string tag)',
])
const tokenAbi = [...erc20Abi, ...parseAbi(['function mint(address to, uint256 amount)'])]

export type Stage = Awaited<ReturnType<typeof createPaymentStage>>

/** Payers, agents, and what it takes to have their jobs decided on a devnet with 4Mica. */
export async function createPaymentStage(devnet: Devnet<DevnetFourMica>) {
  const { client, deployment, token } = devnet
  const market = await createMarket(devnet)
  const { validationRegistry } = deployment
  await client.impersonateAccount({ address: deployment.avs })
  await client.setBalance({ address: deployment.avs, value: 0n })

  const connect = (account: LocalAccount) =>
    createWalletClient({ account, chain: devnet.chain, transport: http(), pollingInterval: 10, cacheTime: 0 }).extend(
      publicActions,
    )

  /** An account with ether, and 1,000 tokens that the AVS and 4Mica may take. */
  async function createAccount() {
    const account = privateKeyToAccount(generatePrivateKey())
    await client.setBalance({ address: account.address, value: parseEther('100') })
    const wallet = connect(account)
    await wallet.writeContract({ address: token, abi: tokenAbi, functionName: 'mint', args: [account.address, 1_000n] })
    await wallet.writeContract({
      address: token,
      abi: tokenAbi,
      functionName: 'approve',
      args: [deployment.avs, maxUint256],
    })
    return wallet
  }

  /** An account with ether, and so many tokens: in as few calls as it takes. */
  async function createPayer(tokens: bigint) {
    const account = privateKeyToAccount(generatePrivateKey())
    await client.setBalance({ address: account.address, value: parseEther('100') })
    await client.transport.request({ method: 'anvil_dealERC20', params: [account.address, token, toHex(tokens)] })
    return connect(account)
  }

  async function createAgent() {
    const wallet = await createAccount()
    const receipt = await wallet.writeContractSync({
      address: deployment.identityRegistry,
      abi: identityRegistryAbi,
      functionName: 'register',
    })
    const [event] = parseEventLogs({ abi: identityRegistryAbi, eventName: 'Registered', logs: receipt.logs })
    if (!event) throw new Error('The agent was not registered.')
    return { wallet, agentId: event.args.agentId }
  }

  const createJob = (agent: Awaited<ReturnType<typeof createAgent>>, changes: Partial<Job> = {}): Job =>
    market.createJob({
      hasAgent: true,
      agentId: agent.agentId,
      payee: agent.wallet.account.address,
      ...changes,
    })

  /** Has operators decide on a job of an open request. */
  async function vote(opened: Parameters<typeof market.vote>[0], isValid: boolean): Promise<void> {
    for (const index of [0, 1]) await market.vote(opened, index, { isValid })
  }

  /** Requests the verification of a job, apart from its payment, and has it decided. */
  async function decide(agent: LocalAccount, job: Job, isValid: boolean): Promise<void> {
    const request = await market.createRequest(job, { reward: 0n })
    const consent = await signConsent(client, { deployment, account: agent, job })
    await market.requester.requestInferenceVerification({ request, job, consent })
    await vote({ job, request }, isValid)
  }

  let answered: Promise<unknown> = Promise.resolve()
  /** Answers as the AVS would; one after the other, as they have one account. */
  function respond(...answer: Parameters<typeof answerOne>): Promise<void> {
    const done = answered.then(() => answerOne(...answer))
    answered = done.catch(() => {})
    return done
  }

  async function answerOne(promise: PaymentMessage, response: number, tag = 'proof-of-inference'): Promise<void> {
    const { requestHash } = getReceiptBinding({ deployment, promise })
    await client.writeContractSync({
      account: deployment.avs,
      gasPrice: 0n,
      gas: 1_000_000n,
      address: validationRegistry,
      abi: registryAbi,
      functionName: 'validationResponse',
      args: [requestHash, response, '', zeroHash, tag],
      throwOnReceiptRevert: true,
    })
  }

  /** Files a validation request for somebody else's guarantee. */
  async function squat(agent: Awaited<ReturnType<typeof createAgent>>, requestHash: Hex): Promise<void> {
    await agent.wallet.writeContractSync({
      address: validationRegistry,
      abi: registryAbi,
      functionName: 'validationRequest',
      args: [agent.wallet.account.address, agent.agentId, '', requestHash],
      throwOnReceiptRevert: true,
    })
  }

  const { url, contract, codeHash } = devnet.fourMica
  const createFourMica = (wallet: FourMicaConfig['client'], changes: Partial<FourMicaConfig> = {}) =>
    fourMica({
      client: wallet,
      deployment,
      core: { url, contract, codeHash },
      rpcUrl: devnet.rpcUrl,
      store: memoryPaymentStore(),
      ...changes,
    })
  const createEscrow = (wallet: EscrowConfig['client'], changes: Partial<EscrowConfig> = {}) =>
    escrow({ client: wallet, deployment, store: memoryPaymentStore(), ...changes })

  const getTokens = (address: Address) =>
    client.readContract({ address: token, abi: tokenAbi, functionName: 'balanceOf', args: [address] })

  /** Makes the next block one of this time, unless it is past. */
  async function moveTo(timestamp: number): Promise<void> {
    const { timestamp: now } = await client.getBlock({ blockTag: 'pending' })
    if (now < timestamp) await market.moveTo(timestamp)
  }
  const readTime = async () => Number((await client.getBlock({ blockTag: 'pending' })).timestamp)

  return {
    ...{
      connect,
      createAccount,
      createAgent,
      createPayer,
      createEscrow,
      createFourMica,
      createJob,
      decide,
      getTokens,
      market,
    },
    ...{ moveTo, readTime, respond, squat, vote },
  }
}
