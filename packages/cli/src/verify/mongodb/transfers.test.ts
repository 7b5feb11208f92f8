import { expect, test } from 'bun:test'
import type { MovementDocument, OperationDocument } from '@abasto/inventory/infrastructure/mongodb/documents'
import { notebook } from './books.ts'
import type { Moment, Moments } from './moments.ts'
import { transfersIn } from './transfers.ts'

const NOW = new Date('2026-01-01T12:00:00.000Z')
const lines = [
  { productId: 'a', from: 'shop', to: 'cellar', quantity: 5 },
  { productId: 'z', from: 'shop', to: 'cellar', quantity: 7 },
]
const record: OperationDocument = {
  _id: 'moving',
  fingerprint: '',
  created_at: NOW,
  verdict: JSON.stringify({ ok: true, value: { type: 'transfer', transfer: { id: 'moving', lines } } }),
}
const movements = lines.flatMap(({ productId, from, to, quantity }) => [
  moved(productId, from, -quantity),
  moved(productId, to, quantity),
])

test('what is moved while the ledger is read is found whole, though only its end was seen', async () => {
  const seen = movements.filter(({ product_id }) => product_id === 'z')

  expect(await found(seen, movements)).toEqual({})
})

test('what was moved meanwhile, and lacks a side, is a difference', async () => {
  const written = movements.filter(({ on_hand_change }) => on_hand_change !== 5)
  const seen = written.filter(({ product_id }) => product_id === 'z')

  expect(await found(seen, written)).toEqual({ transfer_sides: 1 })
})

/** What is found where the record came after the records were read, and these of its movements were seen. */
async function found(seen: readonly MovementDocument[], written: readonly MovementDocument[]) {
  const { note, counts } = notebook()
  const { addMovement, settle } = transfersIn({ moments: momentsOf(written), note }, new Date(NOW.getTime() - 30_000))
  for (const movement of seen) addMovement(movement)
  await settle()
  return counts()
}

/** A database in which this is written. What was written at another moment is there too. */
function momentsOf(written: readonly MovementDocument[]): Moments {
  const others = [moved('a', 'shop', -5, 'another', new Date(NOW.getTime() + 1)), moved('a', 'shop', -5, 'another')]
  const moment = {
    byId: async () => new Map([[record._id, record]]),
    batches: async function* (_collection: string, [{ $match }]: readonly [{ $match: Wanted }]) {
      const moments = $match.created_at.$in.map((each) => each.getTime())
      yield [...others, ...written].filter(({ created_at }) => moments.includes(created_at.getTime()))
    },
  } as unknown as Moment
  return { at: (read: (moment: Moment) => unknown) => read(moment) } as Moments
}

type Wanted = Readonly<{ created_at: Readonly<{ $in: readonly Date[] }> }>

function moved(product_id: string, warehouse_id: string, change: number, operation_id = 'moving', created_at = NOW) {
  return {
    _id: `${product_id}.${warehouse_id}.${change}`,
    product_id,
    warehouse_id,
    kind: change < 0 ? 'transfer_out' : 'transfer_in',
    on_hand_change: change,
    operation_id,
    created_at,
  } as MovementDocument
}
