const bps = 10_000n

/** A side wins when its own weight is at least the quorum's share of the total weight, and there is any. */
export function isQuorum(weight: bigint, totalWeight: bigint, quorumBps: number): boolean {
  if (totalWeight === 0n) return false
  const least = (totalWeight * BigInt(quorumBps) + bps - 1n) / bps // rounded up
  return weight >= least
}

/** Weight-mean confidence (basis points in, whole per cent out, rounded down). */
export function meanResponse(votes: readonly { readonly weight: bigint; readonly confidence: number }[]): number {
  const weight = votes.reduce((sum, vote) => sum + vote.weight, 0n)
  const weighted = votes.reduce((sum, vote) => sum + vote.weight * BigInt(vote.confidence), 0n)
  return Number(weighted / (weight * 100n))
}

/** What a weight earns of a fee: its share of the total weight, rounded down. */
export function feeShare(fee: bigint, weight: bigint, totalWeight: bigint): bigint {
  return (fee * weight) / totalWeight
}
