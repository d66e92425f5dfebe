import { HttpRequestError, TimeoutError } from 'viem'
import { describe, expect, test } from 'vitest'
import { PayloadDigestMismatchError, PayloadTooLargeError, PayloadUnavailableError } from '../errors/payload.ts'
import { BatchMismatchError, RunnerUnavailableError, VerifierFailedError } from '../errors/verification.ts'
import { backoff } from './delay.ts'
import { describeError, toFailure } from './failure.ts'

const unavailable = (...causes: unknown[]) =>
  new PayloadUnavailableError({ digest: '0x', sources: [], cause: new AggregateError(causes) })

describe('toFailure', () => {
  test.each([
    [unavailable(new Error('down')), 'payload-unavailable', 'later'],
    [unavailable(new PayloadDigestMismatchError({ expected: '0x', actual: '0x' })), 'payload-mismatch', 'later'],
    [unavailable(new Error('down'), new PayloadTooLargeError({ limit: 1 })), 'payload-too-large', 'no'],
    [
      new RunnerUnavailableError({ weightsDigest: '0x', reason: 'no weights', cause: unavailable() }),
      'runner-unavailable',
      'later',
    ],
    [new VerifierFailedError({ verifier: 'x', reason: 'a bug' }), 'verification-failed', 'few'],
    [new BatchMismatchError({ reason: 'it is a batch' }), 'policy-mismatch', 'no'],
    [new DOMException('Not done.', 'TimeoutError'), 'verification-failed', 'few'],
    [new TimeoutError({ body: {}, url: 'http://node' }), 'deadline', 'later'],
    [new Error('what is this'), 'deadline', 'later'],
    ['not an error', 'deadline', 'later'],
  ])('%s', (error, reason, retry) => {
    expect(toFailure(error)).toMatchObject({ reason, retry })
  })

  test('describes an error without the address of the node', () => {
    const error = new HttpRequestError({ url: 'https://node/key' })
    expect(error.message).toContain('key')
    expect(describeError(error)).toBe('HttpRequestError: HTTP request failed.')
    expect(describeError('why')).toBe('why')
  })
})

test('backoff doubles up to half a minute', () => {
  expect([1, 2, 3, 7, 8, 1000].map(backoff)).toEqual([500, 1000, 2000, 30_000, 30_000, 30_000])
})
