import type { Address, Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { createRecord, deployment, hashOf, owner } from '../../test/fixtures.ts'
import type { SignedCommitment } from '../aggregator/types.ts'
import { commitmentTypes, toTypedDataDomain } from '../utils/typedData.ts'
import { assertCommitments } from './commitments.ts'

const { requestId, request, job } = createRecord('a')

type Peer = { weight: bigint; canVote?: boolean }

/** What is said where the operator has a weight of 40 in 100, and the others those given. */
async function check(peers: readonly Peer[], terms: { quorumBps?: number; minAttestations?: number } = {}) {
  const voters = new Map<Address, { weight: bigint; canVote: boolean; signingKey: Address }>()
  const commitments: SignedCommitment[] = []
  voters.set(owner.operator, { weight: 40n, canVote: true, signingKey: owner.operator })
  for (const [index, { weight, canVote = true }] of peers.entries()) {
    const key = privateKeyToAccount(hashOf(`key ${index}`))
    const operator = privateKeyToAccount(hashOf(`operator ${index}`)).address
    voters.set(operator, { weight, canVote, signingKey: key.address })
    const message = { requestId, operator, commitment: hashOf(`commitment ${index}`) }
    const typed = { types: commitmentTypes, primaryType: 'Commitment', message } as const
    const signature: Hex = await key.signTypedData({ domain: toTypedDataDomain(deployment), ...typed })
    commitments.push({ ...message, signature })
  }
  await assertCommitments({
    ...{ deployment, requestId, request, job: { ...job, quorumBps: 6667, minAttestations: 2, ...terms } },
    own: { operator: owner.operator, commitment: hashOf('own') },
    commitments,
    reads: {
      async getVoter(operator, timepoint) {
        expect(timepoint).toBe(request.referenceTimepoint)
        const voter = voters.get(operator)
        if (!voter) throw new Error(`Nobody knows ${operator}.`)
        return { index: 0, totalWeight: 100n, ...voter }
      },
    },
  })
}

const insufficient = (facts: object) => ({
  name: 'CommitmentsInsufficientError',
  requestId,
  totalWeight: 100n,
  ...facts,
})

test('the weight of all that committed, its own included, makes the quorum', async () => {
  await check([{ weight: 27n }])
  await check([{ weight: 14n }, { weight: 13n }])
  await expect(check([{ weight: 26n }])).rejects.toMatchObject(insufficient({ weight: 66n, issues: [] }))
  await expect(check([])).rejects.toMatchObject(insufficient({ weight: 40n }))
})

test('as many as the job asks for must have committed', async () => {
  await check([{ weight: 30n }, { weight: 1n }], { minAttestations: 3 })
  const two = check([{ weight: 60n }], { minAttestations: 3 })
  await expect(two).rejects.toMatchObject(insufficient({ weight: 100n }))
  await expect(two).rejects.toThrow('commitments: 2; minAttestations: 3')
})

test('those that cannot vote count for nothing, whatever their weight', async () => {
  const stale = check([{ weight: 60n, canVote: false }])
  await expect(stale).rejects.toMatchObject(
    insufficient({ weight: 40n, issues: [expect.stringContaining('cannot vote')] }),
  )
})

test('no more are looked at than there can be operators', async () => {
  const crowd = Array.from({ length: 300 }, () => ({ weight: 0n, canVote: false }))
  await expect(check([...crowd, { weight: 60n }])).rejects.toMatchObject(insufficient({ weight: 40n }))
})
