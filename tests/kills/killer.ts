import { SQL } from 'bun'

/** How long the services are left alone at most between two kills, in milliseconds. */
const PAUSE_MS = 200

export type Killer = Readonly<{
  isDone: () => boolean
  /** Ends it; says how many backends were hit while a statement ran. */
  stop: () => Promise<number>
}>

/** Ends backends of the inventory services, one at a time, each while a statement of theirs runs, until `wanted` were hit. */
export function killBackends(url: string, wanted: number): Killer {
  const sql = new SQL(url, { max: 1 })
  let hits = 0
  let isStopped = false
  const running = (async () => {
    while (hits < wanted && !isStopped) {
      const killed = await sql`
        SELECT pg_terminate_backend(pid) AS hit FROM (
          SELECT pid FROM pg_stat_activity
          WHERE datname = current_database() AND application_name LIKE 'abasto-inventory%' AND state = 'active'
          ORDER BY random() LIMIT 1) AS victim`
      hits += killed.filter(({ hit }: { hit: boolean }) => hit).length
      await Bun.sleep(killed.length > 0 ? Math.random() * PAUSE_MS : 2)
    }
    await sql.end()
  })()
  return {
    isDone: () => hits >= wanted || isStopped,
    stop: async () => {
      isStopped = true
      await running
      return hits
    },
  }
}
