import { concat, encodeAbiParameters, type Hex, keccak256, padHex, slice } from 'viem'
import { requestStatuses } from './requestStatus.ts'

/** A running hash after one more attestation, as `Hashing.extend` of the contracts: a record's hashes have as many bits as an address, the rest is zero. */
export function extendHash(runningHash: Hex, digest: Hex): Hex {
  return truncate(keccak256(concat([runningHash, digest])))
}

/** What the AVS keeps of a decided job's votes: `Hashing.recordHash` of the contracts. */
export function hashRecord(runningHash: Hex, status: (typeof requestStatuses)[number], response: number): Hex {
  const types = [{ type: 'bytes32' }, { type: 'uint8' }, { type: 'uint8' }] as const
  return truncate(keccak256(encodeAbiParameters(types, [runningHash, requestStatuses.indexOf(status), response])))
}

function truncate(hash: Hex): Hex {
  return padHex(slice(hash, 0, 20), { dir: 'right', size: 32 })
}
