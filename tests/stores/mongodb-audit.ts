import type { Collections, MovementDocument } from '../../packages/inventory/src/infrastructure/mongodb/documents.ts'

/** All documents of a collection. */
export type Rows = <Name extends keyof Collections>(name: Name) => Promise<readonly Collections[Name][]>

/** What is wrong with the books of a MongoDB, added up here and not in the service. Empty when they are right. */
export async function audited(rows: Rows): Promise<readonly string[]> {
  const [levels, movements, purchases, operations, reservations, holds] = await Promise.all([
    rows('stock_levels'),
    rows('movements'),
    rows('purchases'),
    rows('operations'),
    rows('reservations'),
    rows('holds'),
  ])
  const faults: string[] = []
  const expect = (isRight: boolean, fault: string) => {
    if (!isRight) faults.push(fault)
  }

  const ledgers = Map.groupBy(movements, levelOf)
  for (const level of levels) {
    const name = levelOf(level)
    const moves = (ledgers.get(name) ?? []).toSorted((one, other) => one.sequence - other.sequence)
    ledgers.delete(name)
    let [onHand, reserved] = [0, 0]
    for (const [index, move] of moves.entries()) {
      onHand += move.on_hand_change
      reserved += move.reserved_change
      expect(move.sequence === index + 1, `${move._id} is not movement ${index + 1}`)
      expect(move.on_hand_after === onHand, `${move._id} says ${move.on_hand_after} on hand, not ${onHand}`)
      expect(move.reserved_after === reserved, `${move._id} says ${move.reserved_after} reserved, not ${reserved}`)
    }
    expect(level.sequence === moves.length, `${name} has ${moves.length} movements, not ${level.sequence}`)
    expect(level.on_hand === onHand, `${name} has ${level.on_hand} on hand, its movements ${onHand}`)
    expect(level.reserved === reserved, `${name} has ${level.reserved} reserved, its movements ${reserved}`)
    expect(level.on_hand >= 0 && level.reserved >= 0, `${name} is below zero`)
    expect(level.reserved <= level.on_hand + level.backorder_limit + level.short, `${name} promises more than it may`)
    const held = holds.filter((hold) => levelOf(hold) === name)
    expect(sum(held.map(({ quantity }) => quantity)) === level.reserved, `${name} has other holds than it has reserved`)
  }
  for (const name of ledgers.keys()) faults.push(`${name} has movements and no level`)

  const sales = Map.groupBy(
    movements.filter(({ kind }) => kind === 'sale'),
    ({ purchase_id }) => purchase_id,
  )
  for (const { _id, quantity, operation_id } of purchases) {
    const taken = sales.get(_id) ?? []
    sales.delete(_id)
    const isRight = taken[0]?.on_hand_change === -quantity && taken[0].operation_id === operation_id
    expect(taken.length === 1 && isRight, `the purchase ${_id} was taken ${taken.length} times, or otherwise`)
  }
  for (const id of sales.keys()) faults.push(`a sale of the purchase ${id}, which there is not`)

  const verdicts = new Map(operations.map(({ _id, verdict }) => [_id, verdict]))
  for (const { _id, operation_id } of movements) {
    const verdict = verdicts.get(operation_id)
    expect(verdict !== undefined, `${_id} is of an operation that is not recorded`)
    expect(!verdict?.startsWith('{"ok":false'), `${_id} is of an operation that was refused`)
  }

  const promises = new Map(reservations.map((reservation) => [reservation._id, reservation]))
  for (const hold of holds) {
    const promise = promises.get(hold.reservation_id)
    const line = promise?.lines.find((line) => levelOf(line) === levelOf(hold) && line.status === 'held')
    const isRight = promise?.status === 'held' && promise.expires_at.getTime() === hold.expires_at.getTime()
    expect(isRight && line?.quantity === hold.quantity, `the hold ${hold._id} is of nothing that is held`)
  }
  for (const [what, times] of timesOf(movements.filter(({ reservation_id }) => reservation_id !== null))) {
    expect(times === 1, `${what} took effect ${times} times`)
  }
  return faults
}

/** What only a race can tear, where a reservation has each product once and is committed and released as a whole. */
export async function torn(rows: Rows): Promise<readonly string[]> {
  const [movements, reservations] = await Promise.all([rows('movements'), rows('reservations')])
  const moved = Map.groupBy(movements, ({ reservation_id }) => reservation_id)
  const moves = timesOf(movements.filter(({ kind }) => kind !== 'expiry').map((move) => ({ ...move, kind: 'sale' })))
  return [
    ...reservations.flatMap(({ _id, status, lines }) => {
      const count = (wanted: string) => (moved.get(_id) ?? []).filter(({ kind }) => kind === wanted).length
      const taken = status === 'committed' ? lines.length : 0
      return [
        ...(new Set(lines.map((line) => line.status)).size > 1 ? [`the lines of ${_id} do not share one fate`] : []),
        ...(count('reservation') === lines.length ? [] : [`${_id} was promised in part, or twice`]),
        ...(count('commit') === taken ? [] : [`${_id} was taken in part, or twice`]),
      ]
    }),
    ...[...moves].filter(([, times]) => times > 1).map(([what, times]) => `${what} moved a level ${times} times`),
  ]
}

/** How often each operation did the same to the same level for the same reservation. */
function timesOf(movements: readonly MovementDocument[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  for (const { operation_id, reservation_id, kind, ...level } of movements) {
    const what = `the ${kind} of ${operation_id} for ${reservation_id} on ${levelOf(level)}`
    times.set(what, (times.get(what) ?? 0) + 1)
  }
  return times
}

const levelOf = ({ product_id, warehouse_id }: Pick<MovementDocument, 'product_id' | 'warehouse_id'>): string =>
  `${product_id}.${warehouse_id}`

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
