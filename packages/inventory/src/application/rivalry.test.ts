import { expect, test } from 'bun:test'
import { Rivalry } from './rivalry.ts'

/** A rivalry in which every so many-th race was won for long, and the last one at the moment that it still is. */
function rivalryOf(processes: number): Rivalry {
  const rivalry = new Rivalry(() => 0)
  for (let race = 1; race <= 100 * processes; race++) rivalry.note(race % processes === 0 ? 0 : 1, 1, 20)
  return rivalry
}

test('whoever is alone gives way to nobody', () => {
  const rivalry = rivalryOf(1)
  expect(rivalry.isCrowded).toBe(false)
  expect(rivalry.wayMs).toBe(0)
})

test('of several processes, whoever has won lets each of the others write once', () => {
  for (const [processes, othersMs] of [
    [2, 20],
    [4, 60],
  ] as const) {
    const rivalry = rivalryOf(processes)
    expect(rivalry.isCrowded).toBe(true)
    // The last race weighs a little more than those before.
    expect(rivalry.wayMs).toBeLessThan(othersMs)
    expect(rivalry.wayMs).toBeGreaterThan(othersMs / 2)
  }
})

test('whoever has lost tries again at once', () => {
  const rivalry = rivalryOf(4)
  rivalry.note(1, 1, 60_000)
  expect(rivalry.wayMs).toBe(0)
})

test('nobody gives way for long', () => {
  const rivalry = rivalryOf(4)
  rivalry.note(0, 1, 60_000)
  expect(rivalry.wayMs).toBeGreaterThan(50)
  expect(rivalry.wayMs).toBeLessThanOrEqual(100)
})

test('rivals who are gone are soon forgotten', () => {
  const rivalry = rivalryOf(4)
  for (let race = 0; race < 20; race++) rivalry.note(0, 1, 1)
  expect(rivalry.isCrowded).toBe(false)
})

test('a part of a write that is lost counts as a part', () => {
  const rivalry = new Rivalry()
  for (let race = 0; race < 100; race++) rivalry.note(5, 100, 1)
  expect(rivalry.isCrowded).toBe(false)
})
