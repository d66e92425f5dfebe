import {
  type Address,
  type ContractFunctionArgs,
  concat,
  domainSeparator,
  encodeAbiParameters,
  type Hex,
  keccak256,
  stringToHex,
} from 'viem'
import type { modelRegistryAbi, proofOfInferenceAvsAbi } from '../abis/generated.ts'

/** What is to be verified. Its EIP-712 digest is the `jobId`. */
export type Job = ContractFunctionArgs<typeof proofOfInferenceAvsAbi, 'view', 'hashJob'>[0]

/** Who pays for the verification of a job, and until when. Its EIP-712 digest is the `requestId`. */
export type Request = ContractFunctionArgs<typeof proofOfInferenceAvsAbi, 'view', 'hashRequest'>[0]

/** An operator's verdict on a request, signed as EIP-712 typed data. */
export type Attestation = ContractFunctionArgs<typeof proofOfInferenceAvsAbi, 'view', 'hashAttestation'>[0]

/** What a version of a model consists of. */
export type VersionConfig = ContractFunctionArgs<typeof modelRegistryAbi, 'pure', 'computeModelVersionId'>[2]

/** EIP-712 type of a {@link Job}. */
export const jobTypes = {
  Job: [
    { name: 'modelVersionId', type: 'bytes32' },
    { name: 'inputDigest', type: 'bytes32' },
    { name: 'outputDigest', type: 'bytes32' },
    { name: 'hasAgent', type: 'bool' },
    { name: 'agentId', type: 'uint256' },
    { name: 'payee', type: 'address' },
    { name: 'quorumBps', type: 'uint16' },
    { name: 'minAttestations', type: 'uint16' },
    { name: 'minConfidence', type: 'uint16' },
    { name: 'salt', type: 'bytes32' },
  ],
} as const

/** EIP-712 type of a {@link Request}. */
export const requestTypes = {
  Request: [
    { name: 'jobId', type: 'bytes32' },
    { name: 'requester', type: 'address' },
    { name: 'asset', type: 'address' },
    { name: 'reward', type: 'uint128' },
    { name: 'verificationFee', type: 'uint128' },
    { name: 'deadline', type: 'uint40' },
    { name: 'referenceTimepoint', type: 'uint48' },
    { name: 'commitWindow', type: 'uint32' },
    { name: 'nonce', type: 'uint256' },
  ],
} as const

/** EIP-712 type of an {@link Attestation}. */
export const attestationTypes = {
  Attestation: [
    { name: 'requestId', type: 'bytes32' },
    { name: 'operator', type: 'address' },
    { name: 'isValid', type: 'bool' },
    { name: 'confidence', type: 'uint16' },
    { name: 'method', type: 'bytes32' },
    { name: 'evidenceDigest', type: 'bytes32' },
  ],
} as const

/** EIP-712 type of an operator's promise to an aggregator to reveal one certain vote. */
export const commitmentTypes = {
  Commitment: [
    { name: 'requestId', type: 'bytes32' },
    { name: 'operator', type: 'address' },
    { name: 'commitment', type: 'bytes32' },
  ],
} as const

/** What a digest is bound to, of a deployment. */
export type SigningDomain = {
  readonly chainId: number
  /** The ProofOfInferenceAVS. */
  readonly avs: Address
}

/**
 * The EIP-712 domain of a deployment.
 *
 * @example
 * const signature = await account.signTypedData({
 *   domain: toTypedDataDomain(deployment), types: jobTypes, primaryType: 'Job', message: job,
 * })
 */
export function toTypedDataDomain({ chainId, avs }: SigningDomain) {
  return { name: 'ProofOfInference', version: '1', chainId, verifyingContract: avs } as const
}

/** A struct whose members are values of 32 bytes at most, so that their ABI encoding is what EIP-712 hashes. */
type FlatTypes = { readonly [name: string]: readonly { readonly name: string; readonly type: string }[] }

/** Domain separators by deployment, of which a process knows few. */
const separators = new Map<string, Hex>()
const maxSeparators = 64
const typeHashes = new WeakMap<FlatTypes, Hex>()

function toSeparator(deployment: SigningDomain): Hex {
  const key = `${deployment.chainId}/${deployment.avs}`
  const known = separators.get(key)
  if (known) return known
  const separator = domainSeparator({ domain: toTypedDataDomain(deployment) })
  if (separators.size >= maxSeparators) separators.clear()
  separators.set(key, separator)
  return separator
}

/** viem's `hashTypedData`, of flat structs: what is the same for all of a deployment is hashed once. */
function hashFlat(deployment: SigningDomain, types: FlatTypes, message: object): Hex {
  const [[name, members] = []] = Object.entries(types)
  if (name === undefined || members === undefined) throw new TypeError('There is no type.')
  const encodeType = () => `${name}(${members.map((member) => `${member.type} ${member.name}`).join(',')})`
  const typeHash = typeHashes.get(types) ?? keccak256(stringToHex(encodeType()))
  typeHashes.set(types, typeHash)
  const values = new Map<string, unknown>(Object.entries(message))
  const struct = encodeAbiParameters(
    [{ type: 'bytes32' }, ...members.map(({ type }) => ({ type }))],
    [typeHash, ...members.map((member) => values.get(member.name))],
  )
  return keccak256(concat(['0x1901', toSeparator(deployment), keccak256(struct)]))
}

/**
 * The id of a job: its EIP-712 digest for one chain and AVS.
 *
 * @example
 * const jobId = hashJob({ deployment, job })
 */
export function hashJob({ deployment, job }: { deployment: SigningDomain; job: Job }): Hex {
  return hashFlat(deployment, jobTypes, job)
}

/**
 * The id of a request: its EIP-712 digest for one chain and AVS.
 *
 * @example
 * const requestId = hashRequest({ deployment, request })
 */
export function hashRequest({ deployment, request }: { deployment: SigningDomain; request: Request }): Hex {
  return hashFlat(deployment, requestTypes, request)
}

/**
 * The digest that an operator's signing key signs.
 *
 * @example
 * const digest = hashAttestation({ deployment, attestation })
 */
export function hashAttestation({
  deployment,
  attestation,
}: {
  deployment: SigningDomain
  attestation: Attestation
}): Hex {
  return hashFlat(deployment, attestationTypes, attestation)
}

/** The digest that an operator's signing key signs when it promises an aggregator to reveal one certain vote. */
export function hashCommitment({
  deployment,
  commitment: message,
}: {
  deployment: SigningDomain
  commitment: { readonly requestId: Hex; readonly operator: Address; readonly commitment: Hex }
}): Hex {
  return hashFlat(deployment, commitmentTypes, message)
}

/**
 * What an operator commits to before it reveals an attestation: `keccak256(abi.encode(attestationDigest, operatorSalt))`.
 *
 * @param attestationDigest See {@link hashAttestation}.
 * @param operatorSalt 32 bytes that nobody else can guess.
 *
 * @example
 * const commitment = commitmentHash(hashAttestation({ deployment, attestation }), operatorSalt)
 */
export function commitmentHash(attestationDigest: Hex, operatorSalt: Hex): Hex {
  return keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [attestationDigest, operatorSalt]))
}

/**
 * The id of a model: `keccak256(abi.encode(originalOwner, name))`.
 *
 * @param parameters.originalOwner Who registered the model; a transfer does not change it.
 *
 * @example
 * const modelId = computeModelId({ originalOwner: account.address, name: 'silero-vad' })
 */
export function computeModelId({ originalOwner, name }: { originalOwner: Address; name: string }): Hex {
  return keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'string' }], [originalOwner, name]))
}

/**
 * The id of a version of a model, which follows from what it consists of.
 *
 * @param parameters.number 1 for the first version.
 *
 * @example
 * const version = { manifestDigest, policyDigest, methodId: methodId(exact()), validConfidence: 9900 }
 * const modelVersionId = computeModelVersionId({ modelId, number: 1, version })
 */
export function computeModelVersionId({
  modelId,
  number,
  version,
}: {
  modelId: Hex
  number: number
  version: VersionConfig
}): Hex {
  return keccak256(
    encodeAbiParameters(
      [
        { type: 'bytes32' },
        { type: 'uint32' },
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'uint16' },
      ],
      [modelId, number, version.manifestDigest, version.policyDigest, version.methodId, version.validConfidence],
    ),
  )
}
