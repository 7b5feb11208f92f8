import { drizzle } from 'drizzle-orm/pg-proxy'
import { Contention, type Database, OutcomeUnknown, type Parameter } from './database.ts'

/** How often a question is asked at most. */
const ATTEMPTS = 3

/**
 * Drizzle on top of a database of ours, for questions: they have the same deadlines and the same failures as every
 * statement, and one that got no answer is asked again, because asking changes nothing.
 */
export const drizzleOn = (database: Database) =>
  drizzle(async (text, parameters, method) => {
    const ask = method === 'all' ? database.values : database.query
    return { rows: await patiently(() => ask(text, parameters as Parameter[])) }
  })

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      const mayPass = error instanceof OutcomeUnknown || error instanceof Contention
      if (!mayPass || attempt === ATTEMPTS) throw error
      await Bun.sleep(Math.random() * 50 * attempt)
    }
  }
}
