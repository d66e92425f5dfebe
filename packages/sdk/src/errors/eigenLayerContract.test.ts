import {
  type AbiParameter,
  type BaseError,
  ExecutionRevertedError,
  encodeErrorResult,
  type Hex,
  HttpRequestError,
  parseAbi,
  RpcRequestError,
  zeroAddress,
} from 'viem'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { allocationManagerAbi, delegationManagerAbi, keyRegistrarAbi, strategyManagerAbi } from '../abis/eigenlayer.ts'
import { operatorRegistrarAbi } from '../abis/generated.ts'
import { toEigenLayerError, withEigenLayerErrors } from './eigenLayerContract.ts'
import { EigenLayerRevertedError } from './eigenlayer.ts'

function reverted(data: Hex): BaseError {
  const cause = new RpcRequestError({ body: {}, url: '', error: { code: 3, message: 'execution reverted', data } })
  return new ExecutionRevertedError({ cause })
}

const errors = [...allocationManagerAbi, ...delegationManagerAbi, ...keyRegistrarAbi, ...strategyManagerAbi].filter(
  (item) => item.type === 'error',
)

describe('a custom error of EigenLayer', () => {
  test.each(errors.map((item) => [item.name, item] as const))('%s', async (errorName, item) => {
    const inputs: readonly AbiParameter[] = item.inputs
    const args = inputs.map(({ type }) => (type === 'tuple' ? { avs: zeroAddress, id: 0 } : zeroAddress))
    const data = encodeErrorResult({ abi: [item], errorName, args } as Parameters<typeof encodeErrorResult>[0])
    const revert = reverted(data)
    const cause = revert.cause
    const error = await toEigenLayerError(revert)
    expect(error).toBeInstanceOf(EigenLayerRevertedError)
    expect(error).toMatchObject({
      name: 'EigenLayerRevertedError',
      errorName,
      cause,
      message: expect.stringContaining(errorName),
    })
  })

  test('is known by its name, with what to do', () => {
    const error = new EigenLayerRevertedError({ errorName: 'InsufficientMagnitude' })
    expectTypeOf(error.errorName).toExtend<string>()
    expect(error.metaMessages).toEqual([
      'errorName: InsufficientMagnitude',
      expect.stringContaining('Allocate at most'),
    ])
    // @ts-expect-error no error of EigenLayer
    expect(() => new EigenLayerRevertedError({ errorName: 'NoSuchError' })).toThrow()
  })
})

test('any other revert is what it is elsewhere', async () => {
  const missing = encodeErrorResult({ abi: operatorRegistrarAbi, errorName: 'SigningKeyMissing', args: [zeroAddress] })
  expect(await toEigenLayerError(reverted(missing))).toMatchObject({
    name: 'ContractRevertedError',
    reason: `SigningKeyMissing(operator: ${zeroAddress})`,
  })
  const text = encodeErrorResult({ abi: parseAbi(['error Error(string)']), errorName: 'Error', args: ['a token'] })
  expect(await toEigenLayerError(reverted(text))).toMatchObject({ name: 'ContractRevertedError', reason: 'a token' })
  expect(await toEigenLayerError(reverted('0x12345678'))).toMatchObject({
    name: 'ContractRevertedError',
    data: '0x12345678',
  })

  const down = new HttpRequestError({ url: 'http://localhost', status: 503 })
  expect(await toEigenLayerError(down)).toBe(down)
  await expect(withEigenLayerErrors(Promise.reject(down))).rejects.toBe(down)
  expect(await withEigenLayerErrors(Promise.resolve(1))).toBe(1)
})
