import { drizzle } from 'drizzle-orm/pg-proxy'
import type { Database, Parameter } from './database.ts'

/** Drizzle on top of a database of ours, so that its queries have the same deadlines and the same failures. */
export const drizzleOn = (database: Database) =>
  drizzle(async (text, parameters, method) => ({
    rows: await (method === 'all' ? database.values : database.query)(text, parameters as Parameter[]),
  }))
