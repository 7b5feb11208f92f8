import { expect, jest, test } from 'bun:test'
import { mayHaveTakenEffect, readRetryAfterMs, sleep, waitBeforeRetryMs } from './retry.ts'

test('waits a random share of a bound that doubles with each retry, up to five seconds', () => {
  const longest = [1, 2, 3, 4, 20].map((retry) => waitBeforeRetryMs(retry, undefined, () => 1))
  const shortest = waitBeforeRetryMs(3, undefined, () => 0)

  expect(longest).toEqual([100, 200, 400, 800, 5_000])
  expect(shortest).toBe(0)
})

test('waits at least as long as the server asked', () => {
  expect(waitBeforeRetryMs(1, 2_000, () => 0)).toBe(2_000)
  expect(waitBeforeRetryMs(9, 2_000, () => 1)).toBe(2_100)
})

test('who is asked to wait longer than a timer can does not come back at once', async () => {
  jest.useFakeTimers()
  let isAwake = false

  const sleeping = sleep(3_000_000_000).then(() => {
    isAwake = true
  })
  jest.advanceTimersByTime(60_000)
  await Promise.resolve()
  const wasAwake = isAwake
  jest.advanceTimersByTime(2 ** 31)
  jest.useRealTimers()
  await sleeping

  expect([wasAwake, isAwake]).toEqual([false, true])
})

test('reads Retry-After as seconds and as a date', () => {
  const now = Date.parse('2026-01-31T09:30:00Z')

  expect(readRetryAfterMs('3', now)).toBe(3_000)
  expect(readRetryAfterMs('Sat, 31 Jan 2026 09:30:05 GMT', now)).toBe(5_000)
  expect(readRetryAfterMs('Sat, 31 Jan 2026 09:29:00 GMT', now)).toBe(0)
  expect(readRetryAfterMs('soon', now)).toBeUndefined()
  expect(readRetryAfterMs(null, now)).toBeUndefined()
})

test('only an answer about the write itself says that it had no effect', () => {
  const silence = mayHaveTakenEffect(false, undefined, 'timed_out')
  const serverFault = mayHaveTakenEffect(false, 500, 'internal_error')
  const stillRunning = mayHaveTakenEffect(false, 409, 'in_progress')
  const verdictAfterSilence = mayHaveTakenEffect(true, 409, 'insufficient_stock')
  const keyRevokedAfterSilence = mayHaveTakenEffect(true, 401, 'unauthenticated')
  const keyRevokedAtOnce = mayHaveTakenEffect(false, 401, 'unauthenticated')

  expect([silence, serverFault, stillRunning]).toEqual([true, true, true])
  expect([verdictAfterSilence, keyRevokedAfterSilence, keyRevokedAtOnce]).toEqual([false, true, false])
})
