import * as v from 'valibot'
import {
  type Address,
  encodeAbiParameters,
  type Hex,
  hashTypedData,
  keccak256,
  parseAbiParameters,
  stringToHex,
} from 'viem'

/** What the core signs with EIP-712 has this domain, and no verifying contract. */
export const eip712 = { name: '4Mica', version: '1' } as const

export const canonicalization = '4MICA_VALIDATION_REQUEST_V2'

const claimsV1 = [
  { name: 'user', type: 'address' },
  { name: 'recipient', type: 'address' },
  { name: 'tabId', type: 'uint256' },
  { name: 'reqId', type: 'uint256' },
  { name: 'amount', type: 'uint256' },
  { name: 'asset', type: 'address' },
  { name: 'timestamp', type: 'uint64' },
] as const

const claimsTypes = {
  SolGuaranteeRequestClaimsV1: claimsV1,
  SolGuaranteeRequestClaimsV2: [
    ...claimsV1,
    { name: 'validationRegistryAddress', type: 'address' },
    { name: 'validationRequestHash', type: 'bytes32' },
    { name: 'validationChainId', type: 'uint256' },
    { name: 'validatorAddress', type: 'address' },
    { name: 'validatorAgentId', type: 'uint256' },
    { name: 'minValidationScore', type: 'uint8' },
    { name: 'validationSubjectHash', type: 'bytes32' },
    { name: 'jobHash', type: 'bytes32' },
    { name: 'requiredValidationTag', type: 'string' },
  ],
} as const

const hexOf = (pattern: RegExp) =>
  v.pipe(
    v.string(),
    v.regex(pattern),
    v.transform((text): Hex => `0x${text.slice(2).toLowerCase()}`),
  )

export const addressSchema = hexOf(/^0x[0-9a-fA-F]{40}$/)
const hashSchema = hexOf(/^0x[0-9a-fA-F]{64}$/)
const u256Schema = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-fA-F]{1,64}$/),
  v.transform((text) => BigInt(text)),
)
const uint = (most: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(most))

const baseEntries = {
  user_address: addressSchema,
  recipient_address: addressSchema,
  tab_id: u256Schema,
  req_id: u256Schema,
  amount: u256Schema,
  asset_address: addressSchema,
  timestamp: uint(Number.MAX_SAFE_INTEGER),
}

/** What a payer signs, as it comes over HTTP. */
export const claimsSchema = v.variant('version', [
  v.object({ version: v.literal('v1'), ...baseEntries }),
  v.object({
    version: v.literal('v2'),
    ...baseEntries,
    validation_registry_address: addressSchema,
    validation_request_hash: hashSchema,
    validation_chain_id: uint(Number.MAX_SAFE_INTEGER),
    validator_address: addressSchema,
    validator_agent_id: u256Schema,
    min_validation_score: uint(255),
    validation_subject_hash: hashSchema,
    job_hash: hashSchema,
    required_validation_tag: v.string(),
  }),
])

export type Claims = v.InferOutput<typeof claimsSchema>
type ClaimsV2 = Extract<Claims, { version: 'v2' }>

/** What the payer's signature is over. */
export function hashClaims(claims: Claims, chainId: number): Hex {
  const domain = { ...eip712, chainId }
  const message = {
    user: claims.user_address,
    recipient: claims.recipient_address,
    tabId: claims.tab_id,
    reqId: claims.req_id,
    amount: claims.amount,
    asset: claims.asset_address,
    timestamp: BigInt(claims.timestamp),
  }
  if (claims.version === 'v1')
    return hashTypedData({ domain, types: claimsTypes, primaryType: 'SolGuaranteeRequestClaimsV1', message })
  return hashTypedData({
    domain,
    types: claimsTypes,
    primaryType: 'SolGuaranteeRequestClaimsV2',
    message: {
      ...message,
      validationRegistryAddress: claims.validation_registry_address,
      validationRequestHash: claims.validation_request_hash,
      validationChainId: BigInt(claims.validation_chain_id),
      validatorAddress: claims.validator_address,
      validatorAgentId: claims.validator_agent_id,
      minValidationScore: claims.min_validation_score,
      validationSubjectHash: claims.validation_subject_hash,
      jobHash: claims.job_hash,
      requiredValidationTag: claims.required_validation_tag,
    },
  })
}

export function hashSubject(claims: Claims): Hex {
  return keccak256(
    encodeAbiParameters(parseAbiParameters('bytes32, uint256, uint256, address, address, uint256, address, uint64'), [
      keccak256(stringToHex('4MICA_VALIDATION_SUBJECT_V1')),
      claims.tab_id,
      claims.req_id,
      claims.user_address,
      claims.recipient_address,
      claims.amount,
      claims.asset_address,
      BigInt(claims.timestamp),
    ]),
  )
}

export function hashValidationRequest(claims: ClaimsV2): Hex {
  return keccak256(
    encodeAbiParameters(
      parseAbiParameters('bytes32, uint256, address, address, uint256, bytes32, uint8, bytes32, bytes32'),
      [
        keccak256(stringToHex(canonicalization)),
        BigInt(claims.validation_chain_id),
        claims.validation_registry_address,
        claims.validator_address,
        claims.validator_agent_id,
        claims.validation_subject_hash,
        claims.min_validation_score,
        keccak256(stringToHex(claims.required_validation_tag)),
        claims.job_hash,
      ],
    ),
  )
}

/** The domain of the guarantees of a version. */
export function guaranteeDomain(version: 1 | 2, chainId: number, contract: Address): Hex {
  return keccak256(
    encodeAbiParameters(parseAbiParameters('string, uint256, address'), [
      `4MICA_CORE_GUARANTEE_V${version}`,
      BigInt(chainId),
      contract,
    ]),
  )
}

const guaranteeFields =
  'bytes32 domain, uint256 tabId, uint256 reqId, address client, address recipient, uint256 amount, uint256 totalAmount, address asset, uint64 timestamp, uint64 version'
const envelopeParameters = parseAbiParameters('uint64 version, bytes data')
const guaranteeV1 = parseAbiParameters(`(${guaranteeFields}) guarantee`)
const guaranteeV2 = parseAbiParameters(
  `(${guaranteeFields}, address registry, bytes32 requestHash, uint64 chainId, address validator, uint256 agentId, uint8 minScore, bytes32 subjectHash, bytes32 jobHash, string tag) guarantee`,
)

/** The bytes that the core signs. */
export function encodeGuarantee(claims: Claims, totalAmount: bigint, domain: Hex): Hex {
  const base = {
    domain,
    tabId: claims.tab_id,
    reqId: claims.req_id,
    client: claims.user_address,
    recipient: claims.recipient_address,
    amount: claims.amount,
    totalAmount,
    asset: claims.asset_address,
    timestamp: BigInt(claims.timestamp),
  }
  if (claims.version === 'v1')
    return encodeAbiParameters(envelopeParameters, [1n, encodeAbiParameters(guaranteeV1, [{ ...base, version: 1n }])])
  const guarantee = {
    ...base,
    version: 2n,
    registry: claims.validation_registry_address,
    requestHash: claims.validation_request_hash,
    chainId: BigInt(claims.validation_chain_id),
    validator: claims.validator_address,
    agentId: claims.validator_agent_id,
    minScore: claims.min_validation_score,
    subjectHash: claims.validation_subject_hash,
    jobHash: claims.job_hash,
    tag: claims.required_validation_tag,
  }
  return encodeAbiParameters(envelopeParameters, [2n, encodeAbiParameters(guaranteeV2, [guarantee])])
}
