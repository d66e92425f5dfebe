import { expect, expectTypeOf, test } from 'vitest'
import { InvalidDeploymentError } from '../errors/deployment.ts'
import type { Deployment } from './deployment.ts'
import { parseDeployment } from './parseDeployment.ts'

const hash = `0x${'ab'.repeat(32)}`
const json = {
  chainId: 31_337,
  startBlock: '12',
  avs: '0xa000000000000000000000000000000000000001',
  modelRegistry: '0xa000000000000000000000000000000000000002',
  operatorSet: '0xa000000000000000000000000000000000000003',
  slasher: '0xa000000000000000000000000000000000000005',
  identityRegistry: '0xa000000000000000000000000000000000000004',
  validationRegistry: '0xa000000000000000000000000000000000000006',
  reputationRegistry: null,
  codeHashes: { avs: hash, modelRegistry: hash, operatorSet: hash, slasher: hash },
}

test('reads what the deploy script writes', () => {
  const deployment = parseDeployment({ ...json, deployer: 'left out' })
  expectTypeOf(deployment).toEqualTypeOf<Deployment>()
  expect(deployment).toEqual({
    chainId: 31_337,
    startBlock: 12n,
    avs: '0xA000000000000000000000000000000000000001',
    modelRegistry: '0xa000000000000000000000000000000000000002',
    operatorSet: '0xA000000000000000000000000000000000000003',
    slasher: '0xa000000000000000000000000000000000000005',
    identityRegistry: '0xa000000000000000000000000000000000000004',
    validationRegistry: '0xa000000000000000000000000000000000000006',
    reputationRegistry: null,
    codeHashes: { avs: hash, modelRegistry: hash, operatorSet: hash, slasher: hash },
  })
  expect(parseDeployment({ ...json, chainId: '1', startBlock: 0 })).toMatchObject({ chainId: 1, startBlock: 0n })
  expect(parseDeployment({ ...json, codeHashes: undefined }).codeHashes).toBeUndefined()
})

test.each([
  ['chainId', 0],
  ['chainId', 1.5],
  ['chainId', '-1'],
  ['startBlock', undefined],
  ['avs', '0x1234'],
  ['avs', '0x0000000000000000000000000000000000000000'],
  ['operatorSet', undefined],
  ['slasher', undefined],
  ['validationRegistry', undefined],
  ['reputationRegistry', undefined],
  ['slasher', '0x0000000000000000000000000000000000000000'],
])('refuses %s: %s', (field, value) => {
  expect(() => parseDeployment({ ...json, [field]: value })).toThrow(InvalidDeploymentError)
  try {
    parseDeployment({ ...json, [field]: value })
  } catch (error) {
    expect(error).toMatchObject({ issues: [expect.stringContaining(field)] })
  }
})

test('refuses what is no object, and half of the hashes', () => {
  expect(() => parseDeployment(null)).toThrow(InvalidDeploymentError)
  expect(() => parseDeployment({ ...json, codeHashes: { avs: hash } })).toThrow(/codeHashes\.modelRegistry/)
  expect(() => parseDeployment({ ...json, codeHashes: { ...json.codeHashes, avs: '0xab' } })).toThrow(/codeHashes\.avs/)
})

test('says of a chain without EigenLayer that it has no slasher', () => {
  const codeHashes = { ...json.codeHashes, slasher: null }
  expect(parseDeployment({ ...json, slasher: null, codeHashes })).toMatchObject({ slasher: null, codeHashes })
  expect(parseDeployment({ ...json, slasher: null, codeHashes: undefined }).slasher).toBeNull()
  for (const half of [
    { ...json, codeHashes },
    { ...json, slasher: null },
  ]) {
    expect(() => parseDeployment(half)).toThrow(/codeHashes\.slasher/)
  }
})

test('says of each field what is wrong with it', () => {
  const issuesOf = (value: unknown) => {
    try {
      parseDeployment(value)
    } catch (error) {
      return error instanceof InvalidDeploymentError ? error.issues : error
    }
    return undefined
  }
  const required = Object.keys(json).filter((field) => field !== 'codeHashes')
  expect(issuesOf({ deployment: json })).toEqual(required.map((field) => `${field}: Missing`))
  expect(issuesOf('{}')).toEqual(['Expected an object'])
  const mistyped = '0xA000000000000000000000000000000000000002'
  expect(issuesOf({ ...json, avs: mistyped, operatorSet: '0x12' })).toEqual([
    expect.stringMatching(`^avs: ${mistyped} has a wrong checksum`),
    'operatorSet: Expected the address of a contract, not 0x12',
  ])
})
