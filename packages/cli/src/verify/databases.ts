import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from '@abasto/chassis/database/database'
import { FolderInUse } from '@abasto/chassis/database/folder-lock'
import { readAddress } from '@abasto/chassis/database/postgres-address'
import { embeddedStore } from '@abasto/chassis/process/store'
import { SQL } from 'bun'
import type { Ask } from './findings.ts'

/** The check could not be made. Its message is a sentence for whoever asked. */
export class CannotVerify extends Error {
  override readonly name = 'CannotVerify'
}

/**
 * Asks a PostgreSQL over a connection of its own, in one message of the simple protocol. The house forbids transactions
 * of several messages, because a connection that breaks between two of them may be followed by another that knows
 * nothing of the first; a message arrives whole or not at all, and a connection that breaks fails the check. The
 * transaction is here for its settings alone, which are gone with it and so cross a pooler: READ ONLY makes the server
 * itself refuse to change anything, and a check of a large ledger may take longer than a request. It holds no lock but
 * the one that keeps tables from being dropped, and no transaction id, so the followers of the ledger do not wait.
 *
 * Bun's own driver, because it hands back the rows of such a message, which the service's `Database` does not.
 */
export const askPostgres =
  (url: string): Ask =>
  async <Answer extends object>(statement: string): Promise<Answer> => {
    const server = connect(url)
    try {
      const results = await server.unsafe(`${BEFORE}; ${statement}; COMMIT`).simple()
      const row: Answer | undefined = results.find((rows: { command: string }) => rows.command === 'SELECT')?.[0]
      if (!row) throw new CannotVerify('The database gave no answer.')
      return row
    } catch (error) {
      throw explained(error, `at ${placeOf(url)}`)
    } finally {
      await server.close({ timeout: 1 })
    }
  }

function connect(text: string): SQL {
  const { url, mode, tls } = readAddress(text)
  const address = new URL(url)
  if (mode !== 'disable') address.searchParams.set('sslmode', mode)
  return new SQL(address.href, { max: 1, connectionTimeout: 10, ...(typeof tls === 'object' ? { tls } : {}) })
}

const BEFORE = [
  'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  'SET LOCAL statement_timeout = 0',
  // Tables are joined in memory up to here and on disk beyond; what is compiled for it costs more than it gains.
  "SET LOCAL work_mem = '64MB'",
  'SET LOCAL jit = off',
].join('; ')

/** Asks a database that this process has open, embedded or not. One statement sees one moment by itself. */
export const askDatabase =
  (database: Database): Ask =>
  async <Answer extends object>(statement: string): Promise<Answer> => {
    try {
      const [row] = await database.query<Answer>(statement, [], { name: 'verify', timeoutMs: 60_000 })
      return row!
    } catch (error) {
      throw explained(error, 'in the embedded database')
    }
  }

/** Asks the embedded database in a folder, which nobody else may have open meanwhile. */
export async function inFolder<T>({ folder, lockedAt }: EmbeddedFolder, work: (ask: Ask) => Promise<T>): Promise<T> {
  const store = await embeddedStore(folder, { lockedAt }).catch((error) => {
    if (!(error instanceof FolderInUse)) throw error
    throw new CannotVerify(
      `The service is running on the folder ${lockedAt}, and an embedded database has one user at a time: stop it, ` +
        'then verify again.',
      { cause: error },
    )
  })
  try {
    return await work(askDatabase(store.database))
  } finally {
    await store.close()
  }
}

/** Where an embedded database is, and which folder's lock goes with it. */
export type EmbeddedFolder = Readonly<{ folder: string; lockedAt: string }>

/**
 * The embedded databases below `data` that may hold an inventory: the one process's, and the service's own. A folder
 * that only has the name is none: the engine would make a new database in it, and whoever asks is to change nothing.
 */
export const embeddedFolders = (data: string): EmbeddedFolder[] =>
  [data, join(data, 'inventory')]
    .map((lockedAt) => ({ folder: join(lockedAt, 'database'), lockedAt }))
    .filter(({ folder }) => existsSync(join(folder, 'PG_VERSION')))

function explained(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof CannotVerify) return error
  const { errno, code } = error as Error & { errno?: unknown; code?: unknown }
  const state = String(errno ?? code)
  const cannot = (sentence: string) => new CannotVerify(sentence, { cause: error })
  if (/^(3F000|42P01|42703|42704)$/.test(state)) {
    return cannot(
      `There is no inventory ${where} that this Abasto knows, or an older one: the inventory service brings it up to ` +
        'date when it starts.',
    )
  }
  if (state === '42501') {
    return cannot('This role may not read the inventory: it takes USAGE of the schema and SELECT on its tables.')
  }
  return cannot(`The database ${where} did not answer the check: ${error.message}.`)
}

/** The address without what must not be shown. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  return host + pathname
}
