import type { Section, Sections, Sum } from './books.ts'

export const NOTHING: Sum = { count: 0, hash: '0' }

/**
 * What each record of a section says, member by member, in the order in which it is hashed. A member that is added to
 * one of them and is not named here does not compile.
 */
const MEMBERS: { readonly [S in Section]: { readonly [Member in keyof Required<Sections[S]>]: true } } = {
  warehouses: { id: true, name: true, version: true, createdAt: true, updatedAt: true, deletedAt: true },
  levels: {
    productId: true,
    warehouseId: true,
    onHand: true,
    reserved: true,
    short: true,
    backorderLimit: true,
    incoming: true,
    reorderPoint: true,
    nextExpiryAt: true,
    sequence: true,
    version: true,
    updatedAt: true,
  },
  reservations: {
    id: true,
    status: true,
    reference: true,
    lines: true,
    expiresAt: true,
    version: true,
    actor: true,
    operationId: true,
    createdAt: true,
    updatedAt: true,
  },
  holds: {
    productId: true,
    warehouseId: true,
    reservationId: true,
    quantity: true,
    expiresAt: true,
    operationId: true,
    createdAt: true,
  },
  movements: {
    productId: true,
    warehouseId: true,
    sequence: true,
    kind: true,
    onHandChange: true,
    reservedChange: true,
    onHandAfter: true,
    reservedAfter: true,
    reason: true,
    actor: true,
    purchaseId: true,
    reservationId: true,
    operationId: true,
    createdAt: true,
  },
  purchases: {
    id: true,
    productId: true,
    warehouseId: true,
    quantity: true,
    unitPrice: true,
    total: true,
    operationId: true,
    createdAt: true,
  },
  operations: { id: true, fingerprint: true, verdict: true, createdAt: true },
}

/** A sum with more records added to it. */
export function added<S extends Section>(section: S, { count, hash }: Sum, records: readonly Sections[S][]): Sum {
  const members = Object.keys(MEMBERS[section]) as (keyof Sections[S])[]
  let sum = BigInt(hash)
  for (const record of records) {
    sum += Bun.hash.xxHash64(JSON.stringify(members.map((member) => sorted(record[member]))))
  }
  return { count: count + records.length, hash: String(BigInt.asUintN(64, sum)) }
}

/** Objects with their members in the order of their names: adapters put them together in whichever they like. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner)])
}
