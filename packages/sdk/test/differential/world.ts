import { type Address, type Hex, keccak256, sha256, toHex, zeroAddress } from 'viem'
import type { Digests } from './digests.ts'
import { createSigner } from './signing.ts'

/** First second of every scenario: after any machine's time, so that runs are alike. */
export const start = 4_000_000_000
/** The operator set's clock, and what it allows. */
export const clock = 1_000
export const maxReferenceAge = 100
export const maxRequestLifetime = 7 * 86_400
/** Of a deposit: the longest request and an hour. */
export const withdrawalDelay = maxRequestLifetime + 3_600

export const owner = createSigner('owner')
export const modelOwner = createSigner('model owner')
export const requesters = [createSigner('requester 0'), createSigner('requester 1')] as const
export const payee = createSigner('payee')
export const stranger = createSigner('stranger')
/** Each has a signing key of the same position. */
export const operators = Array.from({ length: 6 }, (_, index) => createSigner(`operator ${index}`))
export const signingKeys = operators.map((_, index) => createSigner(`signing key ${index}`))

/** Agents whose wallet the payee is. Id 0 is a real one. */
export const agentIds = [0n, 7n] as const

export const input: Hex = '0x1234'
export const output: Hex = '0x5678'

/** What the versions of the model consist of, from the first on. */
export const versions = [9_900, 10_000, 100].map((validConfidence, index) => ({
  manifestDigest: sha256(toHex(`manifest ${index}`)),
  policyDigest: sha256(toHex(`policy ${index}`)),
  methodId: keccak256(toHex(`method ${index}`)),
  validConfidence,
}))

export const unacceptedAsset = createSigner('an asset that the model does not accept').address

/** Where things are, and what they are called: known once they are deployed. */
export type World = {
  readonly digests: Digests
  readonly token: Address
  readonly modelId: Hex
  /** In the order of {@link versions}. */
  readonly versionIds: readonly Hex[]
  /** Least fee by accepted asset. */
  readonly minimumFees: ReadonlyMap<Address, bigint>
}

export const minimumNativeFee = 3n

export const accounts = [
  ...requesters.map(({ address }) => address),
  payee.address,
  stranger.address,
  ...operators.map(({ address }) => address),
]

export const assetsOf = (world: World): readonly Address[] => [zeroAddress, world.token]
