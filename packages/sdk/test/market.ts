import type { Devnet } from '@proof-of-inference/devnet'
import {
  type Attestation,
  hashJob,
  hashRequest,
  type Job,
  proofOfInferenceActions,
  type Request,
} from '@proof-of-inference/sdk'
import {
  type Account,
  createWalletClient,
  type Hex,
  http,
  keccak256,
  parseAbi,
  parseEther,
  publicActions,
  sha256,
  toHex,
  zeroAddress,
  zeroHash,
} from 'viem'

const identityRegistryAbi = parseAbi(['function register() returns (uint256 agentId)'])

/** A model on a devnet, an agent with id 0, and what it takes to request and vote. */
export async function createMarket(devnet: Devnet) {
  const { accounts, chain, deployment } = devnet
  const connect = <account extends Account>(account: account) =>
    createWalletClient({ account, chain, transport: http(), pollingInterval: 20, cacheTime: 0 })
      .extend(publicActions)
      .extend(proofOfInferenceActions({ deployment }))

  const requester = connect(accounts.requester)
  const agent = connect(accounts.agent)
  const operators = accounts.operators.map(({ account, signer }) => ({
    ...connect(account),
    sign: (attestation: Attestation) => requester.signAttestation({ account: signer, attestation }),
  }))
  await devnet.client.writeContractSync({
    account: accounts.agent,
    address: deployment.identityRegistry,
    abi: identityRegistryAbi,
    functionName: 'register',
    throwOnReceiptRevert: true,
  })

  const version = {
    manifestDigest: sha256('0x01'),
    policyDigest: sha256('0x02'),
    methodId: keccak256(toHex('@proof-of-inference/verifier-exact@1')),
    validConfidence: 9900,
  }
  const { modelId, modelVersionId } = await requester.registerModel({
    name: 'silero-vad',
    version,
    fees: [
      { asset: zeroAddress, accepted: true, minimumFee: 100n },
      { asset: devnet.token, accepted: true, minimumFee: 200n },
    ],
  })

  let nonce = 0n
  const createJob = (changes: Partial<Job> = {}): Job => ({
    modelVersionId,
    inputDigest: sha256('0x03'),
    outputDigest: sha256('0x04'),
    hasAgent: false,
    agentId: 0n,
    payee: accounts.agent.address,
    quorumBps: 6667,
    minAttestations: 2,
    minConfidence: 9000,
    salt: keccak256(toHex(`salt ${nonce++}`)),
    ...changes,
  })
  const createRequest = async (job: Job, changes: Partial<Request> = {}): Promise<Request> => {
    const block = await requester.getBlock()
    return {
      jobId: hashJob({ deployment, job }),
      requester: accounts.requester.address,
      asset: zeroAddress,
      reward: parseEther('1'),
      verificationFee: 1_000n,
      deadline: Number(block.timestamp) + 600,
      referenceTimepoint: (await requester.getClock()) - 1,
      commitWindow: 0,
      nonce: nonce++,
      ...changes,
    }
  }
  const open = async (jobChanges: Partial<Job> = {}, requestChanges: Partial<Request> = {}) => {
    const job = createJob(jobChanges)
    const request = await createRequest(job, requestChanges)
    const opened = await requester.requestInferenceVerification({ request, job })
    return { job, request, ...opened }
  }
  const attest = (request: Request, operator: Hex, changes: Partial<Attestation> = {}): Attestation => ({
    requestId: hashRequest({ deployment, request }),
    operator,
    isValid: true,
    confidence: 9900,
    method: version.methodId,
    evidenceDigest: zeroHash,
    ...changes,
  })
  const vote = async (
    { job, request }: { job: Job; request: Request },
    index: number,
    changes?: Partial<Attestation>,
  ) => {
    const operator = operators[index]
    if (!operator) throw new Error(`There is no operator ${index}.`)
    const attestation = attest(request, operator.account.address, changes)
    const signature = await operator.sign(attestation)
    return operator.submitVerification({ request, job, attestation, signature })
  }
  /** Makes the next block one of this time, and mines it. */
  const moveTo = async (timestamp: number) => {
    await devnet.client.setNextBlockTimestamp({ timestamp: BigInt(timestamp) })
    await devnet.mine()
  }
  return {
    agent,
    attest,
    createJob,
    createRequest,
    deployment,
    modelId,
    modelVersionId,
    moveTo,
    open,
    operators,
    requester,
    version,
    vote,
  }
}
