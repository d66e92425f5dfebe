import { describe, expect, test } from 'vitest'
import { createFakeContracts, fakeDeployment } from '../../../test/fakeContracts.ts'
import { isReferenceLasting } from './isReferenceLasting.ts'

const deployment = fakeDeployment
const clock = 10_000

describe('of a registrar', () => {
  const { client } = createFakeContracts({
    contract: {
      CLOCK_MODE: () => 'mode=blocknumber&from=default',
      clock: () => clock,
      maxReferenceAge: () => 301,
    },
  })
  test.each([
    // A node may be behind the requester's.
    [clock + 1, true],
    [clock - 1, true],
    [clock - 150, true],
    [clock - 151, false],
    [clock - 300, false],
  ])('block %i: %s', async (referenceTimepoint, isLasting) => {
    expect(await isReferenceLasting(client, { deployment, request: { referenceTimepoint, deadline: 0 } })).toBe(
      isLasting,
    )
  })
})

describe('of tables', () => {
  const [maxReferenceAge, supersededGrace] = [1_000, 100]
  test.each<{
    loaded: number
    posted?: number
    maxStaleness?: number
    reference?: number
    deadline: number
    is: boolean
  }>([
    { loaded: 9_500, deadline: 99_999, is: true },
    { loaded: 9_499, deadline: 99_999, is: false },
    { loaded: 9_499, deadline: 10_499, is: true },
    { loaded: 9_499, deadline: 10_500, is: false },
    { loaded: 9_500, maxStaleness: 600, deadline: 99_999, is: false },
    { loaded: 9_500, maxStaleness: 600, deadline: 10_100, is: true },
    // The one before, which a newer one has taken the place of.
    { loaded: 9_500, reference: 9_400, deadline: 10_010, is: false },
    { loaded: 9_500, posted: 9_950, deadline: 99_999, is: true },
    { loaded: 9_500, posted: 9_949, deadline: 99_999, is: false },
    { loaded: 9_500, posted: 9_949, deadline: 10_049, is: true },
    { loaded: 9_500, posted: 9_949, deadline: 10_050, is: false },
  ])('%o', async ({ loaded, posted = loaded, maxStaleness = 0, reference = loaded, deadline, is }) => {
    const { client } = createFakeContracts({
      contract: {
        CLOCK_MODE: () => 'mode=timestamp',
        clock: () => clock,
        latestLoaded: () => loaded,
        maxReferenceAge: () => maxReferenceAge,
        supersededGrace: () => supersededGrace,
        certificateVerifier: () => deployment.avs,
        avs: () => deployment.avs,
        operatorSetId: () => 0,
        latestReferenceTimestamp: () => posted,
        maxOperatorTableStaleness: () => maxStaleness,
        isValidReference: () => true,
      },
    })
    const request = { referenceTimepoint: reference, deadline }
    expect(await isReferenceLasting(client, { deployment, request })).toBe(is)
  })
})
