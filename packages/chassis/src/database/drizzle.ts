import { DrizzleQueryError } from 'drizzle-orm/errors'
import { drizzle } from 'drizzle-orm/pg-proxy'
import type { Database, Parameter, QueryOptions } from './database.ts'

let asked: QueryOptions | undefined

/**
 * Asks Drizzle something with options, for which its own interface has no place: `ask` calls `execute`, which hands the
 * statement on before it returns. The options are for that statement and are gone when this returns.
 */
export function asking<T>(options: QueryOptions, ask: () => Promise<T>): Promise<T> {
  asked = options
  try {
    return ask()
  } finally {
    asked = undefined
  }
}

/** Drizzle on top of a database of ours, so that its queries have the same deadlines and the same failures. */
export const drizzleOn = (database: Database) =>
  drizzle(async (text, parameters, method) => ({
    rows: await (method === 'all' ? database.values : database.query)(text, parameters as Parameter[], asked),
  }))

type Asking = Readonly<Record<string, (...asked: never[]) => Promise<unknown>>>

/**
 * The same functions, throwing what the database threw. Drizzle hides it in an error of its own, in which nobody would
 * recognise what may be tried again.
 */
export function throwingPlainly<T extends Asking>(port: T): T {
  const plain = Object.entries(port).map(([name, ask]) => {
    const askPlainly = (...asked: never[]) =>
      ask(...asked).catch((error: unknown) => {
        throw error instanceof DrizzleQueryError && error.cause ? error.cause : error
      })
    return [name, askPlainly]
  })
  return Object.fromEntries(plain)
}
