import { join } from 'node:path'
import type { Database } from '../../packages/chassis/src/database/database.ts'
import { runCopy } from '../../packages/cli/src/copy.ts'
import { line, opening, sale } from '../../packages/inventory/src/domain/examples.ts'
import { LEASH } from '../processes/command.ts'
import { inventoryOn, LAMP, succeeded } from './verify-history.ts'

/** What the command answered to what was typed. */
export async function copying(...args: string[]) {
  const [said, complained]: [string[], string[]] = [[], []]
  const output = { say: (text: string) => said.push(text), complain: (text: string) => complained.push(text) }
  const code = await runCopy(args, output)
  return { code, said: said.join('\n'), complained: complained.join('\n') }
}

export const fromTo = (from: string, to: string) => ['--from', from, '--to', to]

/** The command in a process of its own, which can be killed. */
export function startCopying(from: string, to: string) {
  const script = join(import.meta.dir, '../../scripts/start.ts')
  const { PATH = '', HOME = '' } = process.env
  return Bun.spawn([...LEASH, process.execPath, script, 'copy', ...fromTo(from, to)], {
    env: { PATH, HOME },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

// What the first migration leaves open, the service reads as the moment of creation.
const COLUMNS: Readonly<Record<string, string>> = {
  warehouses: "to_jsonb(t) || jsonb_build_object('updated_at', coalesce(t.updated_at, t.created_at))",
  movements: "to_jsonb(t) - 'transaction_id'",
}

/** Every row of a SQL database's books as text, read without anything that copies. */
export async function everythingIn(database: Database): Promise<Record<string, string[]>> {
  const tables = ['warehouses', 'stock_levels', 'reservations', 'holds', 'movements', 'purchases', 'operations']
  const found: Record<string, string[]> = {}
  for (const table of tables) {
    const row = COLUMNS[table] ?? 'to_jsonb(t)'
    const rows = await database.query<{ text: string }>(
      `SELECT (${row})::text AS text FROM inventory.${table} t ORDER BY 1`,
      [],
      { timeoutMs: 30_000 },
    )
    found[table] = rows.map(({ text }) => text)
  }
  return found
}

/** Opens a level and sells from it, a lamp or three at a time. */
export async function sellMuch(database: Database, sales: number): Promise<void> {
  const { commit, idle } = inventoryOn(database)
  succeeded(await commit(opening(LAMP, 10_000_000), Date.now() + 20_000))
  let left = sales
  const customers = Array.from({ length: 256 }, async () => {
    while (left-- > 0) succeeded(await commit(sale([line(LAMP, 1 + (left % 3))]), Date.now() + 20_000))
  })
  await Promise.all(customers)
  await idle()
}
