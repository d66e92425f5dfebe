import type { Hash, Hex } from 'viem'
import type { StoreOwner } from '../errors/operator.ts'
import type { Job, Request } from '../utils/typedData.ts'
import type { SignedAttestation } from '../utils/vote.ts'
import type { RequestState } from './machine.ts'

/** A request, and where the operator is with it. */
export type RequestRecord = {
  readonly requestId: Hex
  readonly request: Request
  readonly job: Job
  /** Where it was opened; `null` for a signed request that the chain has not seen. */
  readonly blockNumber: bigint | null
  readonly transactionHash: Hash | null
  /** Where it came from its requester, signed: what it takes to settle it without opening it first. */
  readonly signed?: { readonly requesterSignature: Hex; readonly consent?: Hex }
  readonly state: RequestState
}

/** A block that was read. */
export type BlockReference = { readonly number: bigint; readonly hash: Hash }

/**
 * Up to where the chain was read: the newest block first, and some before it, by which the point is found from which a
 * reorg replaced the chain.
 */
export type Cursor = readonly [BlockReference, ...BlockReference[]]

/** What a store is made with, once. */
export type StoreOrigin = {
  readonly owner: StoreOwner
  /** 32 random bytes, from which the operator's salts are derived. Secret. */
  readonly secret: Hex
  /** The latest block when the store was made. */
  readonly blockNumber: bigint
  /** The operator set's clock when the store was made: the block on L1, unix time in seconds on an L2. */
  readonly timepoint: number
}

/** A signed attestation, with what its evidence digest names: nobody else has it until the vote is revealed. */
export type StoredAttestation = SignedAttestation & {
  /** The bytes of the evidence. None where the attestation was stored before evidence was. */
  readonly evidence?: Hex
}

/** What is written to a store in one step. */
export type StoreChanges = {
  readonly cursor?: Cursor | undefined
  readonly put?: readonly RequestRecord[] | undefined
  readonly remove?: readonly Hex[] | undefined
}

/** Which requests are looked for. */
export type StoredRequestFilter = 'open' | 'unclaimed' | { readonly after: bigint }

/**
 * What an operator keeps across restarts. One operator at a time has a store open.
 *
 * Writes are atomic, and follow each other in the order of the calls. All but `open` throw a `StoreNotOpenError` while
 * the store is closed.
 */
export interface OperatorStore {
  /**
   * Opens the store; makes it with `create` if it is new.
   *
   * Throws a `StoreLockedError` while it is open elsewhere, a `StoreMismatchError` if it was made for another owner, a
   * `StoreCorruptedError` if it cannot be read.
   */
  open(owner: StoreOwner, create: () => Promise<Omit<StoreOrigin, 'owner'>>): Promise<StoreOrigin>
  /** How far the chain was read; `undefined` of a new store. */
  getCursor(): Promise<Cursor | undefined>
  /** Where the operator is with a request. */
  getRequest(requestId: Hex): Promise<RequestRecord | undefined>
  /**
   * Requests that are not terminal yet (`open`), those with a fee to claim (`unclaimed`), or all to which something
   * happened in a later block than `after`.
   */
  getRequests(filter: StoredRequestFilter): Promise<RequestRecord[]>
  /** Writes all of the changes or none. */
  write(changes: StoreChanges): Promise<void>
  /** The verdict that was signed on a request, if any. */
  getAttestation(requestId: Hex): Promise<StoredAttestation | undefined>
  /**
   * Stores a signed attestation and its evidence for good, together with its request's record: once this resolves, all
   * of it survives a power failure. Of an attestation that is stored already, the signature and the evidence stay. Throws an `EquivocationRefusedError`, and changes nothing, if another attestation is stored for the request,
   * whether or not the request's record was removed since.
   */
  putAttestation(signed: StoredAttestation, record: RequestRecord): Promise<void>
  /** Closing twice is harmless. */
  close(): Promise<void>
}
