import { expect, test } from 'vitest'
import { runNetwork } from './network.ts'

test('operators of a network agree by it', async () => {
  const outcomes = await runNetwork()
  expect(outcomes).toEqual({
    'Your 2 products come to 4.40.': 'verified',
    'Your 2 products come to 4.20.': 'rejected',
  })
}, 60_000)
