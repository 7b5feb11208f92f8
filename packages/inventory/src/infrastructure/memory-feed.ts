import type { Uuid } from '@abasto/kernel'
import { matcher } from '../application/feed-filter.ts'
import type { FedMovement, Feed, LevelPicture, Stock } from '../application/ports.ts'
import { comparePlaces, isBetween, markOf, placeOf } from '../application/stream-cursor.ts'
import { keyOf } from '../domain/command.ts'

/** A stock that is followed: what is written to it is found in its feed. For tests and for trying things out. */
export function followedStock(stock: Stock, epoch: Uuid = Bun.randomUUIDv7()): Readonly<{ stock: Stock; feed: Feed }> {
  const ledger: FedMovement[] = []
  let horizon = 1n

  const write: Stock['write'] = async (decisions, trace) => {
    const written = await stock.write(decisions, trace)
    const transaction = horizon++
    const won = decisions.filter((_, index) => !written.lost.has(index))
    const found = won.flatMap(({ movements }) => movements.map((movement) => ({ transaction, movement })))
    ledger.push(...found.sort((one, other) => comparePlaces(placeOf(one), placeOf(other))))
    return written
  }

  const feed: Feed = {
    head: async () => ({ epoch, horizon }),
    movements: async (after, { filter = {}, until, limit }) => {
      const isWanted = matcher(filter)
      const found = ledger.filter((fed) => {
        const place = placeOf(fed)
        const isInside = comparePlaces(place, after) > 0 && (until === undefined || comparePlaces(place, until) <= 0)
        return isInside && isWanted(fed)
      })
      return { epoch, horizon, waitingSeconds: 0, movements: found.slice(0, limit) }
    },
    levels: async (horizon, { filter = {}, after, limit }) => {
      const levels = new Map<string, LevelPicture>()
      for (const { transaction, movement } of ledger.filter(matcher(filter))) {
        if (transaction >= horizon) continue
        const { productId, warehouseId, sequence, onHandAfter: onHand, reservedAfter: reserved } = movement
        levels.set(keyOf(movement), { productId, warehouseId, onHand, reserved, sequence })
      }
      const names = [...levels.keys()].sort().filter((name) => after === undefined || name > keyOf(after))
      return names.slice(0, limit).map((name) => levels.get(name)!)
    },
    knows: async (place) =>
      isBetween(place) ||
      ledger.some((fed) => comparePlaces(placeOf(fed), place) === 0 && markOf(fed.movement) === place.mark),
  }
  return { stock: { ...stock, write }, feed }
}
