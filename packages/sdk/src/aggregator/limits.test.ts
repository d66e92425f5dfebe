import { expect, test } from 'vitest'
import { createConcurrencyLimit, createRateLimit } from './limits.ts'

test('a rate takes a burst, then as much as time brings back', () => {
  let now = 0
  const limit = createRateLimit({ perMinute: 60, burst: 3 }, () => now)
  expect([1, 2, 3].map(() => limit.take('a'))).toEqual([0, 0, 0])
  expect(limit.take('a')).toBe(1_000)
  expect(limit.take('b')).toBe(0)
  now = 1_000
  expect(limit.take('a')).toBe(0)
  expect(limit.take('a')).toBe(1_000)
  // What is refused costs nothing, and what costs more waits for longer.
  expect(limit.take('a', 3)).toBe(3_000)
  now = 60_000
  expect(limit.take('a', 4)).toBe(1_000)
  expect(limit.take('a', 3)).toBe(0)
  // What is given back can be taken, up to the burst.
  expect(limit.take('a', -5)).toBe(0)
  expect(limit.take('a', 4)).toBeGreaterThan(0)
  expect(limit.take('a', 3)).toBe(0)
  // A clock that goes back gives nothing.
  now = 0
  expect(limit.take('a')).toBe(1_000)
})

test('keys are forgotten, the oldest first', () => {
  const limit = createRateLimit({ perMinute: 1, burst: 1 }, () => 0)
  limit.take('first')
  limit.take('second')
  limit.take('first')
  for (let key = 0; key < 9_999; key++) limit.take(String(key))
  expect(limit.take('first')).toBeGreaterThan(0)
  expect(limit.take('second')).toBe(0)
})

test('what is going on is counted, in all and by key', () => {
  const limit = createConcurrencyLimit({ total: 3, perKey: 2 })
  const leave = limit.enter('a')
  limit.enter('a')
  expect(limit.enter('a')).toBeUndefined()
  expect(limit.enter('b')).toBeTypeOf('function')
  expect(limit.enter('c')).toBeUndefined()
  leave?.()
  leave?.()
  expect(limit.size).toBe(2)
  expect(limit.enter('c')).toBeTypeOf('function')
  expect(limit.enter('a')).toBeUndefined()
})
