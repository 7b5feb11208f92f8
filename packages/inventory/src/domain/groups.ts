import type { Uuid } from '@abasto/kernel'
import { type Command, keyOf, levelsOf, reservationOf, warehousesOf } from './command.ts'
import type { Reservation } from './reservation.ts'

/**
 * Splits a batch into groups that share no row, directly or through others, so that what loses its race does not take
 * its neighbours with it. A row is a level, a reservation, a warehouse or an operation id. The order within a group is the order of arrival.
 */
export function groupsOf<T extends Readonly<{ command: Command }>>(
  batch: readonly T[],
  reservations: ReadonlyMap<Uuid, Reservation>,
): T[][] {
  const parents = batch.map((_, index) => index)
  const root = (index: number): number => {
    let at = index
    while (parents[at] !== at) at = parents[at] = parents[parents[at]!]!
    return at
  }

  const firstWith = new Map<string, number>()
  for (const [index, { command }] of batch.entries()) {
    for (const row of rowsOf(command, reservations)) {
      const first = firstWith.get(row)
      if (first === undefined) firstWith.set(row, index)
      else parents[root(index)] = root(first)
    }
  }

  const groups = new Map<number, T[]>()
  for (const [index, entry] of batch.entries()) {
    const group = groups.get(root(index))
    if (group) group.push(entry)
    else groups.set(root(index), [entry])
  }
  return [...groups.values()]
}

const rowsOf = (command: Command, reservations: ReadonlyMap<Uuid, Reservation>): string[] => [
  command.operationId,
  ...levelsOf(command, reservations).map(keyOf),
  ...warehousesOf(command),
  ...(reservationOf(command) ? [reservationOf(command)!] : []),
]
