import type { Catalogue, WrittenVersion } from '../../../packages/products/src/application/ports.ts'
import { memoryCatalogue } from '../../../packages/products/src/infrastructure/memory.ts'
import type { Outbox } from '../../../packages/products/src/infrastructure/outbox.ts'
import { GONE } from '../traffic.ts'

/** The database of a world: products and the outbox, each statement at one go, on a clock that is set by hand. */
export type WorldDatabase = Readonly<{
  catalogue: Catalogue
  outbox: Outbox
  /** The version of a product that is committed, `GONE` where it is deleted. */
  committed: (id: string) => number
  waiting: () => readonly WrittenVersion[]
}>

const OVERDUE_MS = 1_000
const MOOT_MS = 600_000

export function worldDatabase(ids: readonly string[], now: () => number): WorldDatabase {
  const catalogue = memoryCatalogue({ now: () => '2026-01-31T09:30:00.000Z' })
  const committed = new Map(ids.map((id) => [id, 1]))
  let rows: (WrittenVersion & { writtenMs: number })[] = []
  for (const id of ids) void catalogue.write([{ type: 'insert', product: lamp(id) }], opening(id), '')

  const write: Catalogue['write'] = async (changes, operation, at) => {
    if (!(await catalogue.write(changes, operation, at))) return false
    for (const change of changes) {
      if (change.type === 'insert') continue
      const { id, version } = change.type === 'delete' ? change.before : change.after
      const isDeleted = change.type === 'delete'
      committed.set(id, isDeleted ? GONE : version)
      rows.push({ id, version: isDeleted ? version + 1 : version, isDeleted, writtenMs: now() })
    }
    return true
  }

  return {
    catalogue: { ...catalogue, write },
    outbox: {
      // No world has more of them than are read at a time, so nobody reads on.
      overdue: async (limit) =>
        rows
          .filter(({ writtenMs }) => writtenMs < now() - OVERDUE_MS)
          .slice(0, limit)
          .map((row) => ({ ...row, writtenAt: String(row.writtenMs) })),
      remove: async (told) => {
        rows = rows.filter((row) => !told.some(({ id, version }) => row.id === id && row.version <= version))
      },
      removeMoot: async () => {
        const before = rows.length
        rows = rows.filter(({ writtenMs }) => writtenMs >= now() - MOOT_MS)
        return before - rows.length
      },
    },
    committed: (id) => committed.get(id)!,
    waiting: () => rows,
  }
}

const lamp = (id: string) => ({
  id,
  sku: id,
  name: 'Desk lamp',
  description: '',
  price: { minor: 1250, currency: 'EUR' },
  images: [],
  active: true,
  version: 1,
  createdAt: '2026-01-31T09:30:00.000Z',
  updatedAt: '2026-01-31T09:30:00.000Z',
})

const opening = (id: string) => ({ id: `opening-${id}`, fingerprint: '', verdict: { ok: true as const, value: null } })
