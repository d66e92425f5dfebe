import { inspect } from 'node:util'
import {
  type AbiParameter,
  BaseError,
  ExecutionRevertedError,
  encodeAbiParameters,
  encodeErrorResult,
  getContractError,
  type Hex,
  HttpRequestError,
  parseAbi,
  RpcRequestError,
  zeroAddress,
} from 'viem'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  equivocationSlasherAbi,
  modelRegistryAbi,
  operatorRegistrarAbi,
  operatorTableSetAbi,
  proofOfInferenceAvsAbi,
} from '../abis/generated.ts'
import { FeeBelowMinimumError, RequestNotOpenError } from './avs.ts'
import { ProofOfInferenceError } from './base.ts'
import { withContractErrors } from './contract.ts'
import { explainContractError } from './contractErrors.ts'
import { InvalidModelNameError } from './registry.ts'

/** As viem hands on what a node says. */
function reverted(data: Hex | undefined): BaseError {
  const cause = new RpcRequestError({
    body: {},
    url: '',
    error: { code: 3, message: 'execution reverted', ...(data === undefined ? {} : { data }) },
  })
  return new ExecutionRevertedError({ cause })
}

const samples: { [type: string]: unknown } = {
  address: '0x000000000000000000000000000000000000dEaD',
  bool: true,
  bytes32: `0x${'11'.repeat(32)}`,
  string: 'some text',
  uint8: 1,
  uint16: 16,
  uint96: 96n,
  uint32: 32,
  uint40: 40,
  uint48: 48,
  uint128: 128n,
  uint256: 256n,
}

const errors = [
  ...proofOfInferenceAvsAbi,
  ...modelRegistryAbi,
  ...operatorRegistrarAbi,
  ...operatorTableSetAbi,
  ...equivocationSlasherAbi,
].filter((item) => item.type === 'error')
const others = [
  'CheckpointUnorderedInsertion',
  'ContractMissing',
  'ERC5267ExtensionsNotSupported',
  'ModelRegistryMismatch',
  'FailedCall',
  'InsufficientBalance',
  'InvalidConfig',
  'InvalidShortString',
  'NotAVS',
  'NotAllocationManager',
  'OwnableInvalidOwner',
  'OwnableUnauthorizedAccount',
  'ReentrancyGuardReentrantCall',
  'RegistryMismatch',
  'SafeERC20FailedOperation',
  'SigningKeyMissing',
  'SlasherMismatch',
  'StakeNotSlashable',
  'StringTooLong',
  'UnknownAVS',
  'UnknownOperatorSet',
]

describe('a custom error of the contracts', () => {
  test.each(errors.map((item) => [item.name, item] as const))('%s', (name, item) => {
    const inputs: readonly AbiParameter[] = item.inputs
    const args = inputs.map(({ type }) => samples[type])
    const data = encodeErrorResult({ abi: [item], errorName: name, args } as Parameters<typeof encodeErrorResult>[0])
    const revert = reverted(data)
    const cause = revert.cause
    const error = explainContractError(revert)
    if (others.includes(name)) {
      expect(error).toMatchObject({ name: 'ContractRevertedError', reason: expect.stringContaining(name), data, cause })
      return
    }
    expect(error).toBeInstanceOf(ProofOfInferenceError)
    expect(error).toMatchObject({ name: `${name}Error`, cause })
    expect((error as Error).cause).toBe(cause)
    inputs.forEach(({ name: input = '', internalType }, index) => {
      const fact = input === 'name' ? 'modelName' : input
      const value = internalType === 'enum Status' ? 'open' : args[index]
      expect(error).toHaveProperty(fact, value)
      expect(error).toHaveProperty('message', expect.stringContaining(String(value)))
    })
  })

  test('gives its arguments by name and type', () => {
    const error = new FeeBelowMinimumError({ verificationFee: 1n, minimumFee: 2n })
    expectTypeOf(error.name).toEqualTypeOf<'FeeBelowMinimumError'>()
    expectTypeOf(error.minimumFee).toEqualTypeOf<bigint>()
    expect(error.minimumFee).toBe(2n)
    expectTypeOf(new RequestNotOpenError({ requestId: '0x', status: 'none' }).status).toEqualTypeOf<
      'none' | 'open' | 'verified' | 'rejected' | 'expired'
    >()
    expectTypeOf(new InvalidModelNameError({ modelName: '' }).modelName).toEqualTypeOf<string>()
    // @ts-expect-error a fact is missing
    new FeeBelowMinimumError({ verificationFee: 1n })
  })
})

describe('any other revert', () => {
  test('names what it can', () => {
    const abi = parseAbi(['error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)'])
    const data = encodeErrorResult({ abi, errorName: 'ERC20InsufficientBalance', args: [zeroAddress, 1n, 2n] })
    expect(explainContractError(reverted(data))).toMatchObject({
      name: 'ContractRevertedError',
      reason: `ERC20InsufficientBalance(sender: ${zeroAddress}, balance: 1, needed: 2)`,
    })
    const text: Hex = `0x08c379a0${encodeAbiParameters([{ type: 'string' }], ['no tokens']).slice(2)}`
    expect(explainContractError(reverted(text))).toMatchObject({
      name: 'ContractRevertedError',
      reason: 'no tokens',
    })
  })

  test('keeps the data that it cannot read', () => {
    for (const data of ['0x12345678', '0x12'] as const) {
      expect(explainContractError(reverted(data))).toMatchObject({
        name: 'ContractRevertedError',
        reason: undefined,
        data,
      })
    }
    expect(explainContractError(reverted(undefined))).toMatchObject({ name: 'ContractRevertedError', data: '0x' })
  })

  test('finds the data in an object, too', () => {
    const data = encodeErrorResult({ abi: proofOfInferenceAvsAbi, errorName: 'ZeroAmount' })
    const cause = Object.assign(new BaseError('reverted'), { data: { data } })
    expect(explainContractError(new BaseError('outer', { cause }))).toMatchObject({ name: 'ZeroAmountError' })
  })
})

test('viem says nothing of the signature of a revert that was decoded', () => {
  const data = encodeErrorResult({ abi: proofOfInferenceAvsAbi, errorName: 'FeeBelowMinimum', args: [1n, 2n] })
  const revert = getContractError(reverted(data), { abi: [], args: [], functionName: 'open' })
  expect(inspect(revert)).toContain('Unable to decode signature')
  const error = explainContractError(revert)
  expect(error).toMatchObject({ name: 'FeeBelowMinimumError', cause: { name: 'RpcRequestError' } })
  expect(inspect(error)).not.toContain('Unable to decode signature')
})

test('what is no revert stays what it is', async () => {
  const error = new HttpRequestError({ url: 'http://localhost', status: 503 })
  expect(explainContractError(error)).toBe(error)
  expect(explainContractError('text')).toBe('text')
  await expect(withContractErrors(Promise.reject(error))).rejects.toBe(error)
  expect(await withContractErrors(Promise.resolve(1))).toBe(1)
})
