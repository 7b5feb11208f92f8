import type { Uuid } from '@abasto/kernel'
import type { Db } from 'mongodb'
import type { Command } from '../../domain/command.ts'
import { decide } from '../../domain/decide.ts'
import {
  adjustment,
  commitment,
  configuration,
  counting,
  creation,
  expiry,
  extension,
  line,
  lineHeld,
  opening,
  releasing,
  reservation,
  sale,
  transfer,
} from '../../domain/examples.ts'
import { later } from '../../domain/reservation.ts'
import { after, emptyShelf, type Shelf, stateOf } from '../../domain/shelf.ts'
import type { Decision } from '../../domain/state.ts'
import { DEFAULT_WAREHOUSE } from '../../domain/warehouse.ts'
import { verdictToText } from '../verdict.ts'
import {
  type Collections,
  holdDocument,
  levelDocument,
  movementDocument,
  purchaseDocument,
  reservationDocument,
  warehouseDocument,
} from './documents.ts'
import { prepareMongo } from './schema.ts'

/** A life that a shop led, for tests of what is asked about it: what was decided, when, and what it left behind. */
export type Life = Readonly<{ decisions: readonly Decision[]; shelf: Shelf }>

/**
 * A few hundred commands of a shop with some products, warehouses and promises, the last of them a minute ago: all that
 * was held briefly is past its time, and what was held for long is not. The same each time but for the moments and ids.
 */
export function aLife({ commands: count = 900, seed = 1 } = {}): Life {
  const random = dice(seed)
  const ids = (many: number) => Array.from({ length: many }, () => Bun.randomUUIDv7())
  const products = ids(14)
  const warehouses = [DEFAULT_WAREHOUSE, ...ids(2)]
  const [pick, units] = [<T>(from: readonly T[]) => from[random(from.length)]!, () => 1 + random(5)]
  const held: Uuid[] = []
  const heldLine = () => lineHeld(pick(products), units(), pick(warehouses))

  const makers: readonly (() => Command)[] = [
    () => adjustment(pick(products), units(), { reason: pick(['receipt', 'return']) }),
    () => adjustment(pick(products), -units(), { reason: pick(['damage', 'loss', 'correction']) }),
    () => counting(pick(products), random(30)),
    () => configuration(pick(products), { backorderLimit: random(12), reorderPoint: pick([null, 2, 9]) }),
    () => transfer([{ productId: pick(products), from: pick(warehouses), to: pick(warehouses), quantity: units() }]),
    () => sale([line(pick(products), units(), pick(warehouses)), line(pick(products), units())]),
    () => sale([line(pick(products), units(), pick(warehouses))]),
    () => reserve(605),
    () => reserve(605),
    () => reserve(5),
    () => reserve(15),
    () => commitment(pick(held)),
    () => releasing(pick(held)),
    () => releasing(Bun.randomUUIDv7()),
    () => extension(pick(held), 605),
    () => expiry(pick(held)),
  ]
  function reserve(ttlSeconds: number): Command {
    const made = reservation([heldLine(), heldLine()], {
      ttlSeconds,
      reference: pick([null, 'cart 1', 'cart "2", {é}']),
    })
    held.push(made.reservationId)
    return made
  }

  const first: Command[] = [
    ...warehouses.slice(1).map((id) => creation(id)),
    // Some are there in one warehouse only.
    ...products.flatMap((productId, index) =>
      warehouses
        .slice(0, 1 + (index % 3))
        .map((warehouseId) => opening(productId, random(40), { warehouseId, backorderLimit: random(3) * 6 })),
    ),
    reserve(605),
  ]
  const rest = Array.from({ length: count }, () => pick(makers)())
  return lived([...first, ...rest], 400)
}

/** Lives through commands within so many seconds, until a minute ago. */
export function lived(commands: readonly Command[], seconds: number): Life {
  const beginning = later(new Date().toISOString(), -seconds - 60)
  const decisions: Decision[] = []
  let shelf = emptyShelf(beginning)
  for (const [index, command] of commands.entries()) {
    const now = later(beginning, Math.floor((index / commands.length) * seconds))
    const decision = decide(stateOf(shelf, now, 500), [command])
    decisions.push(decision)
    shelf = after(shelf, decision)
  }
  return { decisions, shelf }
}

/** Writes what a life left behind into an empty database, each as the document that it is. */
export async function fill(db: Db, { decisions, shelf }: Life): Promise<void> {
  const decidedAt = new Map(decisions.flatMap(({ at, operations }) => operations.map(({ id }) => [id, at] as const)))
  const documents: { [Name in keyof Collections]: Collections[Name][] } = {
    stock_levels: [...shelf.levels.values()].map(levelDocument),
    movements: shelf.movements.map(movementDocument),
    purchases: shelf.purchases.map(purchaseDocument),
    reservations: [...shelf.reservations.values()].map(reservationDocument),
    holds: [...shelf.holds.values()].map(holdDocument),
    warehouses: [...shelf.warehouses.values()].map(warehouseDocument),
    operations: [...shelf.operations.values()].map(({ id, fingerprint, verdict }) => {
      return { _id: id, fingerprint, verdict: verdictToText(verdict), created_at: new Date(decidedAt.get(id)!) }
    }),
  }
  await prepareMongo(db)
  // A life has a default warehouse of its own, as old as itself.
  await db.collection('warehouses').deleteMany({})
  for (const [name, rows] of Object.entries(documents)) {
    if (rows.length > 0) await db.collection<{ _id: string }>(name).insertMany(rows as { _id: string }[])
  }
}

/** Numbers below a bound, the same for the same seed. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
