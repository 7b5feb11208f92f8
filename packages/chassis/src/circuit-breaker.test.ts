import { expect, test } from 'bun:test'
import { createBreaker } from './circuit-breaker.ts'

test('it opens after so many failures in a row, and lets nothing through while it rests', () => {
  const { breaker, fail } = peer()

  fail(4)
  expect(breaker.state()).toBe('closed')
  expect(breaker.tryEnter()).toBe(true)
  fail(1)

  expect(breaker.state()).toBe('open')
  expect(breaker.tryEnter()).toBe(false)
})

test('failures with an answer in between do not add up', () => {
  const { breaker, fail } = peer()

  fail(4)
  breaker.succeeded()
  fail(4)

  expect(breaker.state()).toBe('closed')
})

test('after its rest one call may try, and only one', () => {
  const { breaker, fail, wait } = peer()
  fail(5)
  wait(1_000)

  expect(breaker.state()).toBe('half_open')
  expect([breaker.tryEnter(), breaker.tryEnter(), breaker.tryEnter()]).toEqual([true, false, false])
})

test('a try that is answered closes it', () => {
  const { breaker, fail, wait } = peer()
  fail(5)
  wait(1_000)
  breaker.tryEnter()
  breaker.succeeded()

  expect(breaker.state()).toBe('closed')
  fail(4)
  expect(breaker.state()).toBe('closed')
})

test('a try that fails opens it for another rest', () => {
  const { breaker, fail, wait } = peer()
  fail(5)
  wait(1_000)
  breaker.tryEnter()
  fail(1)

  expect(breaker.state()).toBe('open')
  wait(999)
  expect(breaker.tryEnter()).toBe(false)
  wait(1)
  expect(breaker.tryEnter()).toBe(true)
})

test('a try of which nobody hears again holds the others back for one rest only', () => {
  const { breaker, fail, wait } = peer()
  fail(5)
  wait(1_000)
  breaker.tryEnter()

  wait(999)
  expect(breaker.tryEnter()).toBe(false)
  wait(1)
  expect(breaker.tryEnter()).toBe(true)
})

test('an answer from before it opened does not close it, and a failure from before does not lengthen its rest', () => {
  const { breaker, fail, wait } = peer()
  fail(5)
  wait(900)
  breaker.succeeded()
  fail(10)

  expect(breaker.state()).toBe('open')
  wait(100)
  expect(breaker.state()).toBe('half_open')
})

function peer() {
  const clock = { nowMs: 0 }
  const breaker = createBreaker({ failures: 5, restMs: 1_000, now: () => clock.nowMs })
  return {
    breaker,
    fail: (times: number) => {
      for (let count = 0; count < times; count++) breaker.failed()
    },
    wait: (ms: number) => {
      clock.nowMs += ms
    },
  }
}
