import { hexToBytes, sha256 } from 'viem'
import { expect, test } from 'vitest'
import { createFakeContracts, fakeDeployment } from '../../../test/fakeContracts.ts'
import { answerLogs, fakeEvent } from '../../../test/fakeEvents.ts'
import { getPublishedPayload } from './getPublishedPayload.ts'

const data = '0x010203'
const digest = sha256(data)

function createNode(published: string) {
  const log = fakeEvent('PayloadPublished', { digest, data: published }, { blockNumber: 100n })
  return createFakeContracts({ rpc: { eth_getLogs: answerLogs([log]) } }).client
}

test('gives the bytes of the digest', async () => {
  const bytes = await getPublishedPayload(createNode(data), { deployment: fakeDeployment, digest })
  expect(bytes).toEqual(hexToBytes(data))
})

test('does not believe a node that changed a byte', async () => {
  await expect(
    getPublishedPayload(createNode('0x010204'), { deployment: fakeDeployment, digest }),
  ).rejects.toMatchObject({ name: 'PayloadDigestMismatchError', expected: digest, actual: sha256('0x010204') })
})

test('says where it looked', async () => {
  const other = sha256('0x')
  await expect(
    getPublishedPayload(createNode(data), { deployment: fakeDeployment, digest: other }),
  ).rejects.toMatchObject({ name: 'PayloadUnavailableError', digest: other, message: expect.stringContaining('100') })
})
