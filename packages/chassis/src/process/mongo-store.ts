import { MongoInvalidArgumentError, MongoParseError } from 'mongodb'
import { OutcomeUnknown } from '../database/database.ts'
import { connectMongo, type Mongo, NoReplicaSet } from '../database/mongo.ts'
import { PATIENCE_MS } from '../http/health.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { CannotOpenStore } from './store.ts'

/** A MongoDB that a process has open. */
export type MongoStore = Readonly<{
  mongo: Mongo
  /** Asks it, by connections of its own: what waits behind a busy pool would call a busy database gone. */
  isUp: () => Promise<boolean>
  close: () => Promise<void>
}>

export type MongoStoreOptions = Readonly<{
  url: string
  /** How many connections the process may hold to each node. */
  connections: number
  /** The name of what chose the address, for whoever chose wrongly. */
  setting: string
  telemetry: Telemetry
  /** Makes the collections what they must be, by a connection whose statements may take their time. */
  prepare: (mongo: Mongo) => Promise<void>
}>

/** Opens the database of a service on MongoDB. It is prepared and ready. */
export async function openMongoStore(service: string, options: MongoStoreOptions): Promise<MongoStore> {
  const { url, connections, setting, telemetry, prepare } = options
  try {
    const preparing = connectMongo({ url, name: `abasto-${service}-prepare`, connections: 4, silenceMs: 0 })
    await preparing
      .expectReplicaSet()
      .then(() => prepare(preparing))
      .finally(preparing.close)
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal === undefined) throw error
    throw new CannotOpenStore(`${setting} leads to no database that can be used: ${refusal}.`, { cause: error })
  }
  const mongo = connectMongo({ url, connections: connections - 1, name: `abasto-${service}`, telemetry })
  const watch = connectMongo({ url, name: `abasto-${service}-health`, connections: 1 })
  return {
    mongo,
    isUp: () => watch.isUp(PATIENCE_MS),
    close: async () => void (await Promise.all([mongo.close(), watch.close()])),
  }
}

/**
 * Why a MongoDB cannot be used, in words without a dot: there is nothing that can be, or it lets us not in. Undefined
 * for what is no refusal. `roles` are those that whoever asked has to have.
 */
export function refusalOf(error: unknown, roles = 'the roles "readWrite" and "dbAdmin"'): string | undefined {
  if (!isRefusal(error)) return undefined
  // Whoever is not allowed to do something is told by the server all of what it was asked.
  const [, database] = /^not authorized on (\S+)/.exec(error.message) ?? []
  if (database) return `its user may not do what it takes on ${database}: give it ${roles}`
  return error.message.replace(/\.$/, '')
}

// Unauthorized, AuthenticationFailed, the name that drivers once gave both, and DatabaseDifferCase: there is a database
// whose name differs in its capitals alone.
const REFUSALS = new Set<unknown>([13, 18, 8000, 13297])

function isRefusal(error: unknown): error is Error {
  const kinds = [NoReplicaSet, OutcomeUnknown, MongoParseError, MongoInvalidArgumentError]
  if (kinds.some((kind) => error instanceof kind)) return true
  return error instanceof Error && REFUSALS.has((error as { code?: unknown }).code)
}
