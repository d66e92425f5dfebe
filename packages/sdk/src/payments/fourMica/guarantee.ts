import { bls12_381 } from '@noble/curves/bls12-381'
import {
  type Address,
  decodeAbiParameters,
  encodeAbiParameters,
  type Hex,
  hexToBigInt,
  hexToBytes,
  keccak256,
  parseAbiParameters,
  stringToHex,
} from 'viem'
import { GuaranteeInvalidError } from '../../errors/payments.ts'
import { receiptTag } from '../../utils/validationRequest.ts'

/** What a payer signs for version 2. */
export type GuaranteeClaims = {
  readonly tabId: bigint
  readonly reqId: bigint
  readonly payer: Address
  readonly payee: Address
  readonly amount: bigint
  readonly asset: Address
  /** Unix time in seconds. */
  readonly timestamp: number
  readonly registry: Address
  readonly chainId: number
  /** The AVS. */
  readonly validator: Address
  /** The agent that is validated. */
  readonly agentId: bigint
  /** 1..100. */
  readonly minScore: number
  readonly jobId: Hex
}

/** BLS certificate: bytes that the core signed, and its signature, a compressed point of G2. */
export type Certificate = { readonly claims: Hex; readonly signature: Hex }

/** A point of G1 in words, as the contract has it. */
export type VerificationKey = { readonly x_a: Hex; readonly x_b: Hex; readonly y_a: Hex; readonly y_b: Hex }

const suite = { DST: 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_' }

/** What a guarantee is about, without its conditions. */
export function hashSubject(claims: GuaranteeClaims): Hex {
  return keccak256(
    encodeAbiParameters(parseAbiParameters('bytes32, uint256, uint256, address, address, uint256, address, uint64'), [
      keccak256(stringToHex('4MICA_VALIDATION_SUBJECT_V1')),
      claims.tabId,
      claims.reqId,
      claims.payer,
      claims.payee,
      claims.amount,
      claims.asset,
      BigInt(claims.timestamp),
    ]),
  )
}

/** The hash that the validation of a guarantee has in the ERC-8004 registry. */
export function hashValidationRequest(claims: GuaranteeClaims): Hex {
  return keccak256(
    encodeAbiParameters(
      parseAbiParameters('bytes32, uint256, address, address, uint256, bytes32, uint8, bytes32, bytes32'),
      [
        keccak256(stringToHex('4MICA_VALIDATION_REQUEST_V2')),
        BigInt(claims.chainId),
        claims.registry,
        claims.validator,
        claims.agentId,
        hashSubject(claims),
        claims.minScore,
        keccak256(stringToHex(receiptTag)),
        claims.jobId,
      ],
    ),
  )
}

/** The domain of the guarantees of version 2. */
export function guaranteeDomain(chainId: number, contract: Address): Hex {
  return keccak256(
    encodeAbiParameters(parseAbiParameters('string, uint256, address'), [
      '4MICA_CORE_GUARANTEE_V2',
      BigInt(chainId),
      contract,
    ]),
  )
}

const envelope = parseAbiParameters('uint64 version, bytes data')
const guarantee = parseAbiParameters(
  '(bytes32 domain, uint256 tabId, uint256 reqId, address payer, address payee, uint256 amount, uint256 totalAmount, address asset, uint64 timestamp, uint64 version, address registry, bytes32 requestHash, uint64 chainId, address validator, uint256 agentId, uint8 minScore, bytes32 subjectHash, bytes32 jobId, string tag) guarantee',
)

/**
 * Makes sure that a certificate is over exactly these claims, and signed by the key.
 *
 * @param parameters.totalAmount What the tab owes in all, this guarantee included.
 * @throws `GuaranteeInvalidError`
 */
export function assertCertificate(
  certificate: Certificate,
  parameters: { claims: GuaranteeClaims; totalAmount: bigint; domain: Hex; key: VerificationKey },
): void {
  const { claims, totalAmount, domain, key } = parameters
  const expected = {
    ...claims,
    domain,
    totalAmount,
    timestamp: BigInt(claims.timestamp),
    version: 2n,
    requestHash: hashValidationRequest(claims),
    chainId: BigInt(claims.chainId),
    subjectHash: hashSubject(claims),
    tag: receiptTag,
  }
  const bytes = encodeAbiParameters(envelope, [2n, encodeAbiParameters(guarantee, [expected])])
  if (certificate.claims.toLowerCase() !== bytes) throw explainDifference(certificate.claims, expected)
  if (!isSignedBy(certificate, key))
    throw new GuaranteeInvalidError({
      field: 'signature',
      expected: 'a BLS signature by the key of the contract',
      actual: certificate.signature,
    })
}

function explainDifference(bytes: Hex, expected: { readonly [field: string]: unknown }): GuaranteeInvalidError {
  const text = (value: unknown) => String(value).toLowerCase()
  try {
    const [version, data] = decodeAbiParameters(envelope, bytes)
    if (version !== 2n) return new GuaranteeInvalidError({ field: 'version', expected: '2', actual: text(version) })
    const [decoded] = decodeAbiParameters(guarantee, data)
    const different = Object.entries(decoded).find(([field, value]) => text(value) !== text(expected[field]))
    if (different) {
      const [field, value] = different
      return new GuaranteeInvalidError({ field, expected: text(expected[field]), actual: text(value) })
    }
    return new GuaranteeInvalidError({ field: 'encoding', expected: 'the canonical one', actual: bytes })
  } catch (cause) {
    return new GuaranteeInvalidError({ field: 'encoding', expected: 'a guarantee of version 2', actual: bytes, cause })
  }
}

function isSignedBy({ claims, signature }: Certificate, key: VerificationKey): boolean {
  const point = bls12_381.G1.ProjectivePoint.fromAffine({
    x: toCoordinate(key.x_a, key.x_b),
    y: toCoordinate(key.y_a, key.y_b),
  })
  try {
    point.assertValidity()
    return bls12_381.verify(hexToBytes(signature), hexToBytes(claims), point, suite)
  } catch {
    return false // not a point of the curve
  }
}

function toCoordinate(high: Hex, low: Hex): bigint {
  return (hexToBigInt(high) << 256n) + hexToBigInt(low)
}

/** The 48 bytes of a key, as the core service tells it. */
export function compressKey(key: VerificationKey): Uint8Array {
  const { x_a, x_b, y_a, y_b } = key
  return bls12_381.G1.ProjectivePoint.fromAffine({ x: toCoordinate(x_a, x_b), y: toCoordinate(y_a, y_b) }).toRawBytes(
    true,
  )
}
