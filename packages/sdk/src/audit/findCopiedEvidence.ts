import type { Address, Hex } from 'viem'
import { zeroHash } from 'viem'

/** What is needed of a vote; `getAttestations` returns more. */
export type EvidenceReference = { readonly requestId: Hex; readonly operator: Address; readonly evidenceDigest: Hex }

/**
 * Finds votes that name the same evidence. Evidence names its request and its operator, so all but one of them, at
 * least, brought evidence that is not theirs; {@link auditEvidence} says which.
 *
 * Who copies what the evidence says and writes its own name over it is not found so: only a commit window, or evidence
 * that depends on the operator's salt, helps against that.
 *
 * @returns The votes that share evidence, in the order given; those without any are left out.
 *
 * @example
 * const attestations = await getAttestations(client, { deployment, requestId })
 * for (const votes of findCopiedEvidence(attestations)) console.log(votes.map(({ operator }) => operator))
 */
export function findCopiedEvidence<vote extends EvidenceReference>(votes: readonly vote[]): vote[][] {
  const byDigest = new Map<Hex, Map<string, vote>>()
  for (const vote of votes) {
    const evidenceDigest = vote.evidenceDigest.toLowerCase() as Hex
    if (evidenceDigest === zeroHash) continue
    const sharing = byDigest.get(evidenceDigest) ?? new Map<string, vote>()
    // The same vote may be given twice.
    sharing.set(`${vote.requestId} ${vote.operator}`.toLowerCase(), vote)
    byDigest.set(evidenceDigest, sharing)
  }
  return [...byDigest.values()].filter(({ size }) => size > 1).map((sharing) => [...sharing.values()])
}
