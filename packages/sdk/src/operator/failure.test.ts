import { HttpRequestError, TimeoutError } from 'viem'
import { describe, expect, test } from 'vitest'
import {
  DisallowedUrlError,
  PayloadDigestMismatchError,
  PayloadTooLargeError,
  PayloadUnavailableError,
} from '../errors/payload.ts'
import { BatchMismatchError, RunnerUnavailableError, VerifierFailedError } from '../errors/verification.ts'
import { backoff } from './delay.ts'
import { describeError, toFailure } from './failure.ts'

const unavailable = (...causes: unknown[]) =>
  new PayloadUnavailableError({ digest: '0x', sources: [], cause: new AggregateError(causes) })

const disallowed = new DisallowedUrlError({ url: 'http://10.0.0.1/key', reason: '10.0.0.1 is not a public address' })
const notOnChain = new PayloadUnavailableError({ digest: '0x07', sources: ['on chain'], reason: 'not published' })

describe('toFailure', () => {
  test.each([
    [unavailable(new Error('down')), 'payload-unavailable', 'later'],
    [unavailable(new PayloadDigestMismatchError({ expected: '0x', actual: '0x' })), 'payload-mismatch', 'later'],
    [unavailable(new Error('down'), new PayloadTooLargeError({ limit: 1 })), 'payload-too-large', 'no'],
    [disallowed, 'payload-unavailable', 'no'],
    [unavailable(notOnChain, disallowed), 'payload-unavailable', 'no'],
    [unavailable(new Error('down'), disallowed), 'payload-unavailable', 'later'],
    [unavailable(notOnChain), 'payload-unavailable', 'later'],
    [unavailable(), 'payload-unavailable', 'later'],
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

test('describes which payload could not be fetched, and why, by the hosts of the stores', () => {
  const store = new PayloadUnavailableError({
    digest: '0x07',
    sources: ['https://payloads.example.com/secret?key=secret'],
    reason: 'the server could not be reached, or broke off (ENOTFOUND)',
  })
  const reason = 'payloads.example.com: the server could not be reached, or broke off (ENOTFOUND)'
  expect(describeError(store)).toBe(`PayloadUnavailableError: The payload could not be fetched. 0x07: ${reason}`)
  const all = new PayloadUnavailableError({
    digest: '0x07',
    sources: [store.message],
    reason: 'every store failed',
    cause: new AggregateError([notOnChain, store, disallowed]),
  })
  expect(describeError(new PayloadUnavailableError({ ...all, what: 'policy', cause: all }))).toBe(
    `PayloadUnavailableError: The policy could not be fetched. 0x07: ${reason}; DisallowedUrlError: ${disallowed.shortMessage}`,
  )
})

test('backoff doubles up to half a minute', () => {
  expect([1, 2, 3, 7, 8, 1000].map(backoff)).toEqual([500, 1000, 2000, 30_000, 30_000, 30_000])
})
