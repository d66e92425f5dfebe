import { expect, test } from 'vitest'
import * as calls from './calls.ts'
import { allocationManagerAbi, getSlasher } from './eigenlayer.ts'
import * as generated from './generated.ts'

const { errorsAbi, linksAbi, ...withoutErrors } = calls

test('what actions call is what the contracts have', () => {
  expect(Object.keys(withoutErrors)).toEqual(Object.keys(generated))
  for (const [name, abi] of Object.entries(generated)) {
    const called = abi.filter(({ type }) => type === 'function' || type === 'event')
    expect(Object.entries(withoutErrors)).toContainEqual([name, expect.arrayContaining(called)])
    expect(Object.fromEntries(Object.entries(withoutErrors))[name]).toHaveLength(called.length)
  }
  const errors = Object.values(generated).flatMap((abi) => abi.filter(({ type }) => type === 'error'))
  expect(errorsAbi).toEqual(expect.arrayContaining(errors))
  expect(errors).toEqual(expect.arrayContaining([...errorsAbi]))
  const functions = Object.values(generated)
    .flat()
    .map(({ type, name, outputs }: { type: string; name?: string; outputs?: unknown }) => ({ type, name, outputs }))
  for (const { type, name, outputs } of linksAbi) expect(functions).toContainEqual({ type, name, outputs })
  expect(allocationManagerAbi).toContainEqual(getSlasher[0])
})
