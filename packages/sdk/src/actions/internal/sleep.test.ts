import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sleep } from './sleep.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('resolves after its time', async () => {
  const slept = sleep(1000, undefined)
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(1000)
  await slept
})

test('ends as soon as it is aborted, with the reason', async () => {
  const controller = new AbortController()
  const slept = sleep(1000, controller.signal)
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(slept).rejects.toBe(reason)
  expect(vi.getTimerCount()).toBe(0)
  await expect(sleep(1000, controller.signal)).rejects.toBe(reason)
  expect(vi.getTimerCount()).toBe(0)
})
