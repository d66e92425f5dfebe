import { describe, expect, test } from 'vitest'
import { createRecord, hashOf, owner, signer } from '../../test/fixtures.ts'
import type { JobStatus } from '../utils/requestStatus.ts'
import { assess } from './assess.ts'
import type { Standing } from './standing.ts'

const origin = { owner, secret: hashOf('secret'), blockNumber: 0n, timepoint: 0 }

/** What is said of a request with a quorum of 66.67 %, referring to timepoint 1. */
function assessAs({
  voter,
  jobStatus = 'none',
  ...standing
}: Partial<Omit<Standing, 'voter'>> & { voter?: Partial<Standing['voter']>; jobStatus?: JobStatus }) {
  return assess({
    record: createRecord('a'),
    standing: {
      status: 'open',
      validWeight: 0n,
      invalidWeight: 0n,
      closesAt: 0,
      hasVoted: false,
      commitment: null,
      ...standing,
      voter: { canVote: true, index: 0, weight: 10n, totalWeight: 100n, signingKey: signer.address, ...voter },
    },
    jobStatus,
    origin,
    signer: signer.address,
    minimumFee: undefined,
  })
}

describe('assess', () => {
  test('has nothing against an open request', async () => {
    expect(await assessAs({})).toBeUndefined()
  })

  test.each([
    ['request-final', { status: 'rejected' }],
    ['job-decided', { jobStatus: 'verified' }],
    ['not-an-operator', { voter: { canVote: false, weight: 0n } }],
    ['stale-weight', { voter: { canVote: false, weight: 10n } }],
    ['wrong-signing-key', { voter: { signingKey: owner.avs } }],
    ['quorum-unreachable', { voter: { weight: 0n } }],
    ['quorum-unreachable', { voter: { totalWeight: 0n, weight: 0n } }],
  ] as const)('says %s', async (reason, standing) => {
    expect(await assessAs(standing)).toMatchObject({ reason })
  })

  test('leaves alone what neither side can win any more', async () => {
    // Of 100, 67 decide: with 34 on one side and 33 left, nobody gets there.
    expect(await assessAs({ validWeight: 33n, invalidWeight: 33n })).toBeUndefined()
    expect(await assessAs({ validWeight: 33n, invalidWeight: 34n })).toBeUndefined()
    expect(await assessAs({ validWeight: 34n, invalidWeight: 34n })).toMatchObject({ reason: 'quorum-unreachable' })
  })
})
