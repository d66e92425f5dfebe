import { zeroAddress, zeroHash } from 'viem'
import { expect, test } from 'vitest'
import { hashOf } from '../../test/fixtures.ts'
import { findCopiedEvidence } from './findCopiedEvidence.ts'

const [first, second] = [`0x${'0a'.repeat(20)}`, `0x${'0b'.repeat(20)}`] as const
const vote = (operator: `0x${string}`, requestId: string, evidence: string) => ({
  operator,
  requestId: hashOf(requestId),
  evidenceDigest: hashOf(evidence),
})

test('finds the same evidence of two operators, and of two requests', () => {
  const original = vote(first, 'request', 'evidence')
  const copy = vote(second, 'request', 'evidence')
  const reused = vote(first, 'another', 'evidence')
  const own = vote(second, 'another', 'own')
  expect(findCopiedEvidence([original, own, copy])).toEqual([[original, copy]])
  expect(findCopiedEvidence([original, reused, own])).toEqual([[original, reused]])
  expect(findCopiedEvidence([original, own])).toEqual([])
})

test('is not misled by a vote that is given twice, nor by how hex is written', () => {
  const original = vote(first, 'request', 'evidence')
  const upper = (hex: string) => `0x${hex.slice(2).toUpperCase()}` as const
  const same = { ...original, operator: upper(original.operator), requestId: upper(original.requestId) }
  expect(findCopiedEvidence([original, original, same])).toEqual([])
  const copy = { ...vote(second, 'request', 'evidence'), evidenceDigest: upper(original.evidenceDigest) }
  expect(findCopiedEvidence([original, copy])).toEqual([[original, copy]])
})

test('no evidence is no copy', () => {
  const none = { requestId: hashOf('request'), evidenceDigest: zeroHash }
  expect(
    findCopiedEvidence([
      { ...none, operator: first },
      { ...none, operator: zeroAddress },
    ]),
  ).toEqual([])
})
