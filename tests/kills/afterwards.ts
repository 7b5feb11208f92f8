import { expect } from 'bun:test'
import type { Told } from './customers.ts'
import { type Branch, disagreements, type Town, untilNothingIsHeld } from './town.ts'
import { isOwnReplay } from './watched.ts'

/** How long a service lets a caller wait, in milliseconds. */
export const DEADLINE_MS = 10_000

/** How long it may take after a primary was killed until something is written again, in milliseconds. */
const AWAY_MS = 15_000

/** What must be true when primaries have been killed; `awayMs` says for how long nothing was written, for each. */
export async function expectNothingLost(
  town: Town,
  told: Told,
  branches: readonly Branch[],
  awayMs: readonly number[],
): Promise<void> {
  expect(await disagreements(town.url, told)).toEqual([])
  expect(told.wrong.filter((what) => !isOwnReplay(what))).toEqual([])
  expect(Math.max(...awayMs)).toBeLessThan(AWAY_MS)
  await expectCalm(town, told, branches)
}

/** Nobody waited past the deadline, nothing stays held, and the services that were started are well and end as told. */
export async function expectCalm(town: Town, told: Told, branches: readonly Branch[]): Promise<void> {
  expect(told.slowestMs).toBeLessThan(DEADLINE_MS + 1_000)
  await untilNothingIsHeld(town.url)
  expect(await disagreements(town.url, told)).toEqual([])
  for (const { process, log } of branches) {
    expect(log()).not.toMatch(/uncaught|unhandled|"level":"(error|fatal)"/i)
    expect(process.said()).toBe(process.welcome)
    expect(await process.end('SIGTERM')).toBe(0)
  }
}
