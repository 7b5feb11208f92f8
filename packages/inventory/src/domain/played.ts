import type { Command } from './command.ts'
import { decide } from './decide.ts'
import { later } from './reservation.ts'
import { after, emptyShelf, type Shelf, stateOf } from './shelf.ts'
import type { Decision, StockState } from './state.ts'

/** What is asked for at once, and how long nothing happened before. */
export type Step = Readonly<{ seconds: number; commands: readonly Command[] }>

/** One command of a history: what was known, what was decided, and what was there before and after. */
export type Turn = Readonly<{
  command: Command
  state: StockState
  decision: Decision
  before: Shelf
  after: Shelf
}>

export const BEGINNING = '2026-01-31T09:30:00.000Z'

/** Plays a history command by command, each on what the one before it left. */
export function played(steps: readonly Step[], mostDue: number): readonly Turn[] {
  const turns: Turn[] = []
  let [shelf, now] = [emptyShelf(BEGINNING), BEGINNING]
  for (const { seconds, commands } of steps) {
    now = later(now, seconds)
    for (const command of commands) {
      const state = stateOf(shelf, now, mostDue)
      const decision = decide(state, [command])
      const turn = { command, state, decision, before: shelf, after: after(shelf, decision) }
      shelf = turn.after
      turns.push(turn)
    }
  }
  return turns
}
