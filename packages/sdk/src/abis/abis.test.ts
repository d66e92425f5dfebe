import { expect, test } from 'vitest'
import * as equivocationSlasherAbi from './calls/equivocationSlasher.ts'
import { errorsAbi } from './calls/errors.ts'
import { linksAbi } from './calls/links.ts'
import * as modelRegistryAbi from './calls/modelRegistry.ts'
import * as operatorRegistrarAbi from './calls/operatorRegistrar.ts'
import * as operatorTableSetAbi from './calls/operatorTableSet.ts'
import * as proofOfInferenceAvsAbi from './calls/proofOfInferenceAvs.ts'
import { allocationManagerAbi, getSlasher } from './eigenlayer.ts'
import * as generated from './generated.ts'

/** Without what encoding and decoding have no use for. */
function slim(abi: readonly object[]): { type: string; name?: string }[] {
  const text = JSON.stringify(abi, (key, value) =>
    ['internalType', 'anonymous'].includes(key) && value !== 'enum Status' ? undefined : value,
  )
  return JSON.parse(text)
}

const called = {
  equivocationSlasherAbi,
  modelRegistryAbi,
  operatorRegistrarAbi,
  operatorTableSetAbi,
  proofOfInferenceAvsAbi,
}

test('what actions call is what the contracts have', () => {
  expect(Object.keys(called)).toEqual(Object.keys(generated))
  for (const [contract, abis] of Object.entries(called)) {
    const abi = slim(new Map<string, readonly object[]>(Object.entries(generated)).get(contract) ?? [])
    const items = abi.filter(({ type }) => type === 'function' || type === 'event')
    expect(Object.values(abis).flat()).toHaveLength(items.length)
    for (const item of items)
      expect(slim(new Map(Object.entries(abis)).get(item.name ?? '') ?? [])).toContainEqual(item)
  }
  const items = slim(Object.values(generated).flat())
  const errors = items.filter(({ type }) => type === 'error')
  expect(errorsAbi).toEqual(expect.arrayContaining(errors))
  expect(errors).toEqual(expect.arrayContaining([...errorsAbi]))
  for (const link of slim(linksAbi)) expect(items).toContainEqual(link)
  expect(allocationManagerAbi).toContainEqual(getSlasher[0])
})
