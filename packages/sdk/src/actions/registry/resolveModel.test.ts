import { keccak256 } from 'viem'
import { expect, test } from 'vitest'
import { createFakeContracts, fakeDeployment } from '../../../test/fakeContracts.ts'
import { computeModelId } from '../../utils/typedData.ts'
import { resolveModel } from './resolveModel.ts'

const deployment = fakeDeployment
const owner = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const modelVersionId = keccak256('0x01')

function createNode() {
  const asked: unknown[] = []
  const { client } = createFakeContracts({
    contract: {
      getModelVersionId: (...args) => {
        asked.push(args)
        return modelVersionId
      },
      getModelVersion: () => ({
        modelId: keccak256('0x02'),
        number: 2,
        manifestDigest: keccak256('0x03'),
        policyDigest: keccak256('0x04'),
        methodId: keccak256('0x05'),
        validConfidence: 9900,
      }),
    },
  })
  return { client, asked }
}

test.each([`${owner}/a.b_c-1@2`, `${owner.toLowerCase()}/a.b_c-1@2`])('finds %s', async (model) => {
  const { client, asked } = createNode()
  expect(await resolveModel(client, { deployment, model })).toMatchObject({ modelVersionId, number: 2 })
  expect(asked).toEqual([[computeModelId({ originalOwner: owner, name: 'a.b_c-1' }), 2]])
})

test('takes an id as it is', async () => {
  const { client, asked } = createNode()
  expect(await resolveModel(client, { deployment, model: modelVersionId })).toMatchObject({ modelVersionId })
  expect(asked).toEqual([])
})

test.each([
  '',
  'silero-vad@2',
  `${owner}/silero-vad`,
  `${owner}/silero-vad@`,
  `${owner}/silero-vad@0`,
  `${owner}/silero-vad@02`,
  `${owner}/silero-vad@1.5`,
  `${owner}/silero-vad@4294967296`,
  `${owner}/Silero@2`,
  `${owner}/@2`,
  `${owner}/a/b@2`,
  `${owner}/${'a'.repeat(65)}@2`,
  `${owner.replace('f39F', 'F39f')}/silero-vad@2`,
  `${owner.slice(0, -1)}/silero-vad@2`,
  modelVersionId.slice(0, -2),
])('refuses %o', async (model) => {
  const { client } = createNode()
  await expect(resolveModel(client, { deployment, model })).rejects.toMatchObject({
    name: 'InvalidModelReferenceError',
    reference: model,
  })
})
