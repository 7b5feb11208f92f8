import type { MovementDocument, OperationDocument } from '@abasto/inventory/infrastructure/mongodb/documents'
import type { Books, Note } from './books.ts'
import type { Moment } from './moments.ts'
import { both, gatherInto, type Part, type Relating, relation } from './relation.ts'
import { isRecordOf, transferIn } from './verdicts.ts'

/** A transfer as its record has it, and the movements of it. */
type Transfer = { record?: OperationDocument; moved: MovementDocument[] }

type Side = Readonly<{ product_id: string; warehouse_id: string; change: number }>

const nothing = (): Transfer => ({ moved: [] })

const MOVED = { kind: { $in: ['transfer_out', 'transfer_in'] } }
const MOVED_FIELDS = { operation_id: 1, product_id: 1, warehouse_id: 1, on_hand_change: 1 }

/** Both sides of each line of each transfer, as its record has them, beside its movements. */
export function transfersIn({ moments, note }: Books, since: Date) {
  const relating: Relating<Transfer> = {
    nothing,
    check,
    count: async () => Math.min(await moments.count('operations'), await moments.count('movements')),
    gather: async (part: Part) => {
      const groups = new Map<string, Transfer>()
      await gatherInto<Transfer, OperationDocument>(moments, groups, nothing, {
        from: 'operations',
        match: both({ verdict: { $regex: '^\\{"ok":true,"value":\\{"type":"transfer"' } }, part('_id')),
        fields: { verdict: 1 },
        nameOf: ({ _id }) => _id,
        put: (group, record) => {
          group.record = record
        },
      })
      await gatherInto<Transfer, MovementDocument>(moments, groups, nothing, {
        from: 'movements',
        match: both(MOVED, part('operation_id')),
        fields: MOVED_FIELDS,
        nameOf: ({ operation_id }) => operation_id,
        put: ({ moved }, movement) => void moved.push(movement),
      })
      return groups
    },
    again: seenAgain,
  }
  const { add, settle } = relation(moments, note, since, relating)
  return {
    addRecord: (record: OperationDocument) => {
      if (!isRecordOf('transfer', record.verdict)) return
      for (const side of sidesOf(record)) {
        add('one', record._id, record.created_at, textOf(record._id, side), (group) => {
          group.record = record
        })
      }
    },
    addMovement: (movement: MovementDocument) => {
      const { kind, operation_id, created_at } = movement
      if (kind !== 'transfer_out' && kind !== 'transfer_in') return
      const text = textOf(operation_id, sideOf(movement))
      add('other', operation_id, created_at, text, ({ moved }) => void moved.push(movement))
    },
    settle,
  }
}

/**
 * Movements were read after the records, so of what had a record then all are here. Of what has got one since, some may
 * have been written where the ledger had been read before: they bear the moment of the record, and are found by that.
 */
async function seenAgain({ byId, batches }: Moment, groups: ReadonlyMap<string, Transfer>) {
  const fields = { verdict: 1, created_at: 1 } as const
  const records = await byId<OperationDocument>('operations', [...groups.keys()], fields)
  const fresh = new Map([...groups].map(([name, { moved }]) => [name, withRecord(records.get(name), [...moved])]))
  const newer = [...groups].flatMap(([name, { record }]) => (record ? [] : (records.get(name)?.created_at ?? [])))
  if (newer.length === 0) return fresh
  const wanted = [{ $match: { created_at: { $in: newer }, ...MOVED } }, { $project: MOVED_FIELDS }]
  for await (const movements of batches<MovementDocument>('movements', wanted, { created_at: 1 })) {
    for (const movement of movements) {
      const known = fresh.get(movement.operation_id)?.moved
      if (known && !known.some(({ _id }) => _id === movement._id)) known.push(movement)
    }
  }
  return fresh
}

const withRecord = (record: OperationDocument | undefined, moved: MovementDocument[]): Transfer =>
  record ? { record, moved } : { moved }

const sideOf = ({ product_id, warehouse_id, on_hand_change }: MovementDocument): Side => ({
  product_id,
  warehouse_id,
  change: on_hand_change,
})

const sidesOf = (record: OperationDocument): Side[] =>
  transferIn(record).flatMap(({ productId = NOTHING, from = NOTHING, to = NOTHING, quantity = Number.NaN }) => [
    { product_id: productId, warehouse_id: from, change: -quantity },
    { product_id: productId, warehouse_id: to, change: quantity },
  ])

/** What stands for an id that is not there. It is that of no product and no warehouse. */
const NOTHING = '-'

const textOf = (operation: string, { product_id, warehouse_id, change }: Side): string =>
  [operation, product_id, warehouse_id, change].join(' ')

function check(note: Note, name: string, { record, moved }: Transfer): void {
  const wanted = record && isRecordOf('transfer', record.verdict) ? sidesOf(record) : []
  const sides = new Map<string, Side & { wanted: number; moved: number }>()
  const own = (side: Side) => {
    const key = textOf(name, side)
    const known = sides.get(key) ?? { ...side, wanted: 0, moved: 0 }
    sides.set(key, known)
    return known
  }
  for (const side of wanted) own(side).wanted++
  for (const movement of moved) own(sideOf(movement)).moved++
  for (const side of sides.values()) {
    const where = { level: side, subject: `operation ${name}` }
    const expected = `${side.wanted} times ${side.change}`
    note('transfer_sides', where, expected, `${side.moved} times`, side.wanted !== side.moved)
  }
}
