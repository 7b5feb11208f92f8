import { later } from '../../packages/inventory/src/domain/reservation.ts'

/**
 * A clock that stands still until it is told to go on, for all stores at once: histories in which promises expire can
 * then be played as fast as they go, and come to the same moments everywhere.
 *
 * A database asks `clock_timestamp()`, so it is given a function of that name that is found first. The committer
 * reckons the database's clock on by the time of this process, so that stands still too.
 */
export type VirtualClock = Readonly<{
  now: () => string
  /** Lets time go by, also in the databases that are given. */
  advance: (seconds: number, databases: readonly Scripted[]) => Promise<void>
  /** Gives the time of this process back. */
  release: () => void
}>

type Scripted = Readonly<{ script: (text: string) => Promise<void> }>

export function virtualClock(beginning: string): VirtualClock {
  const own = performance.now
  let [now, elapsedMs] = [beginning, 0]
  performance.now = () => elapsedMs
  return {
    now: () => now,
    advance: async (seconds, databases) => {
      now = later(now, seconds)
      elapsedMs += seconds * 1_000
      await Promise.all(databases.map(({ script }) => script(`UPDATE proof.clock SET now = '${now}'`)))
    },
    release: () => {
      performance.now = own
    },
  }
}

/** What makes a database ask this clock; connections must have `SEARCH_PATH`. */
export const clockScript = (now: string): string => `
  CREATE SCHEMA proof;
  CREATE TABLE proof.clock (now timestamptz NOT NULL);
  INSERT INTO proof.clock VALUES ('${now}');
  CREATE FUNCTION proof.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT now FROM proof.clock'`

export const SEARCH_PATH = 'proof, pg_catalog, public'
