import type { MovementDocument } from '@abasto/inventory/infrastructure/mongodb/documents'
import type { Books } from './books.ts'

const BY_HAND: ReadonlySet<string> = new Set(['receipt', 'return', 'adjustment'])

/**
 * Operations that took effect more than once. Of each movement that was made by hand a hash of its operation is kept,
 * eight bytes; which operation it is where two are the same is looked for only then.
 */
export function doubledIn({ moments, note }: Books) {
  let hashes = new BigUint64Array(1_024)
  let count = 0

  async function settle(): Promise<void> {
    const all = hashes.subarray(0, count).sort()
    const twice = new Set<bigint>()
    for (let at = 1; at < count; at++) if (all[at] === all[at - 1]) twice.add(all[at]!)
    if (twice.size === 0) return
    const movements = new Map<string, number>()
    const wanted = { match: { kind: { $in: [...BY_HAND] } }, fields: { operation_id: 1 } }
    await moments.scan<MovementDocument>('movements', wanted, (rows) => {
      for (const { operation_id } of rows) {
        if (!twice.has(Bun.hash.xxHash64(operation_id))) continue
        movements.set(operation_id, (movements.get(operation_id) ?? 0) + 1)
      }
    })
    for (const [operation, times] of movements) {
      note('operation_doubled', { subject: `operation ${operation}` }, '1 movement', `${times} movements`, times > 1)
    }
  }

  return {
    add: ({ kind, operation_id }: MovementDocument) => {
      if (!BY_HAND.has(kind)) return
      if (count === hashes.length) {
        const larger = new BigUint64Array(2 * count)
        larger.set(hashes)
        hashes = larger
      }
      hashes[count++] = Bun.hash.xxHash64(operation_id)
    },
    settle,
  }
}
