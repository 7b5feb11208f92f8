import { Contention } from '@abasto/chassis/database/database'
import { readPage, type Uuid } from '@abasto/kernel'
import { movementPosition } from '../application/inventories.ts'
import type { Inventory, Stock } from '../application/ports.ts'
import { keyOf } from '../domain/command.ts'
import type { Decision, RecordedOperation } from '../domain/decide.ts'
import type { Movement } from '../domain/movement.ts'
import type { Purchase } from '../domain/purchase.ts'
import { isSame, type StockLevel } from '../domain/stock-level.ts'

/** The stock in plain maps, with the same promises as a database. For tests and for trying a rule out. */
export function memoryStock({ now = () => new Date().toISOString() } = {}): Stock {
  const levels = new Map<string, StockLevel>()
  const operations = new Map<Uuid, RecordedOperation>()
  const movements: Movement[] = []
  const purchases = new Map<Uuid, Purchase>()

  const isCurrent = ({ read }: Decision) => read.every(({ key, before }) => isSame(levels.get(keyOf(key)), before))

  function apply(decision: Decision): void {
    for (const { key, after } of decision.read) if (after) levels.set(keyOf(key), after)
    for (const operation of decision.operations) operations.set(operation.id, operation)
    for (const movement of decision.movements) movements.push(movement)
    for (const purchase of decision.purchases) purchases.set(purchase.id, purchase)
  }

  function inventoryOf(productId: Uuid): Inventory | undefined {
    const own = [...levels.values()].filter((level) => level.productId === productId)
    if (own.length === 0) return undefined
    return own.reduce(
      (sum, level) => ({
        productId,
        onHand: sum.onHand + level.onHand,
        reserved: sum.reserved + level.reserved,
        version: sum.version + level.version,
        updatedAt: sum.updatedAt > level.updatedAt ? sum.updatedAt : level.updatedAt,
      }),
      { productId, onHand: 0, reserved: 0, version: 0, updatedAt: '' },
    )
  }

  return {
    read: async (keys, ids) => ({
      now: now(),
      levels: new Map(keys.map(keyOf).flatMap((name) => (levels.has(name) ? [[name, levels.get(name)!]] : []))),
      operations: new Map(ids.flatMap((id) => (operations.has(id) ? [[id, operations.get(id)!]] : []))),
    }),
    write: async (decisions) => {
      const lost = new Set(decisions.keys().filter((index) => !isCurrent(decisions[index]!)))
      const winners = decisions.filter((_, index) => !lost.has(index))
      if (winners.some((decision) => decision.operations.some(({ id }) => operations.has(id)))) {
        throw new Contention('23505', 'operations_pkey', undefined)
      }
      winners.forEach(apply)
      return { lost, levels: new Map() }
    },
    inventory: async (productId) => inventoryOf(productId),
    inventories: (page) => {
      const ids = [...new Set([...levels.values()].map(({ productId }) => productId))]
      return readPage(
        page,
        slice(
          ids.map((id) => inventoryOf(id)!),
          ({ productId }) => productId,
        ),
      )
    },
    movements: (productId, page) =>
      readPage(
        page,
        slice(
          movements.filter((movement) => movement.productId === productId),
          (movement) => positionWithPadding(movementPosition(movement)),
          positionWithPadding,
        ),
      ),
    purchase: async (id) => purchases.get(id),
    purchases: (page) =>
      readPage(
        page,
        slice([...purchases.values()], ({ id }) => id),
      ),
  }
}

/** Text compares like the numbers in it only at equal length. */
const positionWithPadding = (position: string): string => {
  const [warehouseId, sequence = ''] = position.split('.')
  return `${warehouseId}.${sequence.padStart(16, '0')}`
}

const slice =
  <T>(rows: T[], positionOf: (row: T) => string, read = (position: string) => position) =>
  async (direction: 'forward' | 'backward', position: string | undefined, limit: number): Promise<T[]> => {
    const sign = direction === 'forward' ? 1 : -1
    const ordered = rows.toSorted((a, b) => sign * (positionOf(a) < positionOf(b) ? -1 : 1))
    const from = position === undefined ? undefined : read(position)
    return ordered
      .filter(
        (row) => from === undefined || (direction === 'forward' ? positionOf(row) > from : positionOf(row) < from),
      )
      .slice(0, limit)
  }
