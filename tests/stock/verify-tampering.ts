import type { Db, Document } from 'mongodb'
import type { Fault } from '../../packages/cli/src/verify/wording.ts'
import type {
  Collections,
  HoldDocument,
  LevelDocument,
  MovementDocument,
} from '../../packages/inventory/src/infrastructure/mongodb/documents.ts'
import { LAMP } from './verify-history.ts'

/** A way in which the books of a shop can be wrong: how it comes to be, and what the check must say of it, at least. */
export type Tampered = Readonly<{ what: string; by: (books: Tampering) => void; finds: readonly Fault[] }>

export const tampered = (what: string, by: (books: Tampering) => void, ...finds: Fault[]): Tampered => ({
  what,
  by,
  finds,
})

type Shelves = { [Name in keyof Collections]: Map<string, Collections[Name]> }
type Name = keyof Collections

export const DEFAULT = '00000000-0000-7000-8000-000000000001'
export const NOBODY = '99999999-9999-7999-8999-999999999999'

/** All documents of a shop as they are read once, to be altered in memory and written back as altered. */
export async function shelvesOf(db: Db): Promise<Shelves> {
  const names: Name[] = ['stock_levels', 'movements', 'purchases', 'operations', 'reservations', 'holds', 'warehouses']
  const read = async (name: Name) => {
    const rows = await db.collection<{ _id: string }>(name).find().toArray()
    return [name, new Map(rows.map((row) => [row._id, row]))]
  }
  return Object.fromEntries(await Promise.all(names.map(read)))
}

export type Tampering = ReturnType<typeof tampering>

/** Alters documents. What they are named by follows what they say they are, as it does where the service writes them. */
export function tampering(shelves: Shelves) {
  const altered = new Map<Name, Map<string, Document | null>>()
  const noteOf = (name: Name) => {
    const own = altered.get(name) ?? new Map<string, Document | null>()
    altered.set(name, own)
    return own
  }
  const all = <N extends Name>(name: N): Collections[N][] => {
    const own = altered.get(name)
    const rest = [...shelves[name].values()].filter(({ _id }) => !own?.has(_id))
    return [...rest, ...[...(own?.values() ?? [])].filter((row) => row !== null)] as Collections[N][]
  }
  const first = <N extends Name>(name: N, isMeant: (row: Collections[N]) => boolean = () => true): Collections[N] => {
    const found = all(name)
      .filter(isMeant)
      .toSorted((one, other) => (one._id < other._id ? -1 : 1))[0]
    if (!found) throw new Error(`nothing of ${name} is what was meant to be altered`)
    return found
  }
  const remove = (name: Name, { _id }: Readonly<{ _id: string }>) => void noteOf(name).set(_id, null)
  const add = <N extends Name>(name: N, row: Collections[N]) => void noteOf(name).set(row._id, row)
  const change = <N extends Name>(name: N, row: Collections[N], to: Partial<Collections[N]>) => {
    remove(name, row)
    add(name, named(name, { ...row, ...to }))
  }

  /** The lamps' movements of the default warehouse, in order. */
  const lamps = (): MovementDocument[] =>
    all('movements')
      .filter((row) => row.product_id === LAMP && row.warehouse_id === DEFAULT)
      .toSorted((one, other) => one.sequence - other.sequence)
  const lamp = (kind: string, place = 0): MovementDocument => {
    const found = lamps().filter((row) => row.kind === kind)[place]
    if (!found) throw new Error(`the lamps have no ${kind} number ${place}`)
    return found
  }
  const levelOf = ({ product_id, warehouse_id }: Pick<LevelDocument, 'product_id' | 'warehouse_id'>): LevelDocument =>
    first('stock_levels', (row) => row.product_id === product_id && row.warehouse_id === warehouse_id)
  const level = (product_id = LAMP): LevelDocument => levelOf({ product_id, warehouse_id: DEFAULT })
  const hold = (): HoldDocument =>
    first('holds', (row) => row.product_id === LAMP && row.warehouse_id === DEFAULT && row.expires_at > new Date())

  /** Writes a movement down again, at the end of its level, and makes the level and the sums agree with it. */
  const again = (movement: MovementDocument, changed: Partial<MovementDocument> = {}) => {
    const own = levelOf(movement)
    const on_hand = own.on_hand + movement.on_hand_change
    const reserved = own.reserved + movement.reserved_change
    const sequence = own.sequence + 1
    const twice = { ...movement, sequence, on_hand_after: on_hand, reserved_after: reserved, ...changed }
    add('movements', named('movements', twice))
    change('stock_levels', own, { on_hand, reserved, sequence, version: own.version + 1 })
  }

  /** Takes a movement out and closes the gap, so that numbers, sums and level agree without it. */
  const reknit = (movement: MovementDocument) => {
    const own = levelOf(movement)
    const { product_id, warehouse_id, sequence, on_hand_change, reserved_change } = movement
    const later = all('movements')
      .filter((row) => row.product_id === product_id && row.warehouse_id === warehouse_id && row.sequence > sequence)
      .toSorted((one, other) => one.sequence - other.sequence)
    remove('movements', movement)
    for (const row of later) {
      change('movements', row, {
        sequence: row.sequence - 1,
        on_hand_after: row.on_hand_after - on_hand_change,
        reserved_after: row.reserved_after - reserved_change,
      })
    }
    const [on_hand, reserved] = [own.on_hand - on_hand_change, own.reserved - reserved_change]
    change('stock_levels', own, { on_hand, reserved, sequence: own.sequence - 1 })
  }

  return { all, first, add, remove, change, lamps, lamp, level, hold, again, reknit, altered }
}

/** The document under the name that it would have. */
function named<N extends Name>(name: N, row: Collections[N]): Collections[N] {
  const { product_id, warehouse_id, sequence, reservation_id } = row as unknown as MovementDocument
  if (name === 'stock_levels') return { ...row, _id: `${product_id}.${warehouse_id}` }
  if (name === 'movements') return { ...row, _id: `${product_id}.${warehouse_id}.${sequence}` }
  return name === 'holds' ? { ...row, _id: `${product_id}.${warehouse_id}.${reservation_id}` } : row
}

/** Writes what was altered past the rules of the collections; what comes back takes it back again. */
export async function plant(db: Db, shelves: Shelves, { altered }: Tampering): Promise<() => Promise<void>> {
  const write = async (rowOf: (name: Name, id: string) => Document | null | undefined) => {
    for (const [name, rows] of altered) {
      const changes = [...rows.keys()].map((_id) => {
        const replacement = rowOf(name, _id)
        return replacement
          ? { replaceOne: { filter: { _id }, replacement, upsert: true } }
          : { deleteOne: { filter: { _id } } }
      })
      const collection = db.collection<{ _id: string }>(name)
      await collection.bulkWrite(changes, { ordered: false, bypassDocumentValidation: true })
    }
  }
  await write((name, id) => altered.get(name)?.get(id))
  return () => write((name, id) => shelves[name].get(id))
}
