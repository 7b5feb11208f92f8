import { readPage, type Uuid } from '@abasto/kernel'
import type { Cache, Catalogue, Known, RecordedOperation } from '../application/ports.ts'
import type { Change } from '../domain/decide.ts'
import type { Product } from '../domain/product.ts'

/** The catalogue in plain maps, with the same promises as a database. For tests and for trying a rule out. */
export function memoryCatalogue({ now = () => new Date().toISOString() } = {}): Catalogue {
  const products = new Map<Uuid, Product>()
  const skus = new Map<string, Uuid>()
  const operations = new Map<Uuid, RecordedOperation>()

  function isPossible(change: Change): boolean {
    if (change.type !== 'insert' && products.get(change.before.id)?.version !== change.before.version) return false
    if (change.type === 'delete') return true
    const { sku, id } = change.type === 'insert' ? change.product : change.after
    return (skus.get(sku) ?? id) === id
  }

  function apply(change: Change): void {
    if (change.type !== 'insert') {
      products.delete(change.before.id)
      skus.delete(change.before.sku)
    }
    if (change.type === 'delete') return
    const product = change.type === 'insert' ? change.product : change.after
    products.set(product.id, product)
    skus.set(product.sku, product.id)
  }

  return {
    read: async ({ operationId, productId, sku }) => ({
      now: now(),
      operation: operations.get(operationId),
      product: productId === undefined ? undefined : products.get(productId),
      skuOwner: sku === undefined ? undefined : skus.get(sku),
    }),
    write: async (changes, operation) => {
      if (operations.has(operation.id) || !changes.every(isPossible)) return false
      changes.forEach(apply)
      operations.set(operation.id, operation)
      return true
    },
    find: async (ids) => ids.flatMap((id) => products.get(id) ?? []),
    prices: async (ids) => ids.flatMap((id) => products.get(id) ?? []),
    list: (page, { ids } = {}) =>
      readPage(page, async (direction, position, limit) => {
        const wanted = [...products.values()].filter(({ id }) => ids?.includes(id) ?? true)
        const ordered = wanted.toSorted((a, b) => (a.id < b.id ? -1 : 1))
        const rows = direction === 'forward' ? ordered : ordered.reverse()
        const isBeyond = ({ id }: Product) =>
          position === undefined || (direction === 'forward' ? id > position : id < position)
        return rows.filter(isBeyond).slice(0, limit)
      }),
  }
}

type Entry = Readonly<{ known: Known | undefined; version: number; expiresMs: number }>

/**
 * A cache inside this process, right only where this process is the only one that writes: with the embedded database.
 * Holds up to `capacity` products for `ttlMs`; the one that was put longest ago gives way. A lease is an entry that
 * knows nothing yet, and holds for as long as it is still there.
 */
export function memoryCache({ capacity = 10_000, ttlMs = 300_000, now = Date.now } = {}): Cache {
  const entries = new Map<Uuid, Entry>()

  function entryOf(id: Uuid): Entry | undefined {
    const entry = entries.get(id)
    if (entry && entry.expiresMs <= now()) entries.delete(id)
    return entries.get(id)
  }

  function set(id: Uuid, known: Known | undefined, version: number): Entry {
    const entry = { known, version, expiresMs: now() + ttlMs }
    entries.delete(id)
    entries.set(id, entry)
    if (entries.size > capacity) entries.delete(entries.keys().next().value!)
    return entry
  }

  return {
    get: async (id) => entryOf(id)?.known,
    lease: async (id) => {
      const lease = entryOf(id) ?? set(id, undefined, 0)
      if (lease.known) return { known: lease.known }
      return {
        fill: async (product) => {
          if (entryOf(id) === lease) set(id, product, product.version)
        },
      }
    },
    outdate: async ({ id, version, isDeleted }) => {
      const entry = entryOf(id)
      if (isDeleted) set(id, 'deleted', version)
      else if (entry && entry.version < version) entries.delete(id)
      return true
    },
  }
}

/** For databases that other processes write to as well: remembers nothing. */
export const noCache: Cache = {
  get: async () => undefined,
  lease: async () => ({ fill: async () => {} }),
  outdate: async () => true,
}
