import { Contention, type Database } from './database.ts'

/** A database that loses races on purpose, for tests: how many statements it was given, and how many of them it lost. */
export type LosingDatabase = Database & Readonly<{ sent: () => number; lost: () => number }>

/** Loses a share of all statements before they are sent, with a serialization failure. */
export function losingBefore(database: Database, share: number): LosingDatabase {
  let [sent, lost] = [0, 0]
  const perhaps = <T>(ask: () => Promise<T>): Promise<T> => {
    sent++
    if (Math.random() >= share) return ask()
    lost++
    return Promise.reject(new Contention('40001', undefined, new Error('lost on purpose, before it was sent')))
  }
  return {
    query: (text, parameters, options) => perhaps(() => database.query(text, parameters, options)),
    values: (text, parameters, options) => perhaps(() => database.values(text, parameters, options)),
    script: database.script,
    close: database.close,
    sent: () => sent,
    lost: () => lost,
  }
}

/**
 * Makes the server undo a share of the statements that insert into `table`, each of them whole and at its very end: all
 * has been done, and then comes a real serialization failure. The sequence counts them, because it is not undone.
 */
export const losingAtTheEnd = (table: string, share: number): string => `
CREATE SCHEMA proof;
CREATE SEQUENCE proof.lost;
CREATE FUNCTION proof.lose() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- By its transaction, so that a statement of many rows is not lost more often than one of few.
  IF abs(hashtext(pg_current_xact_id()::text)) % 1000 < ${Math.round(share * 1_000)} THEN
    PERFORM nextval('proof.lost');
    RAISE EXCEPTION 'lost on purpose, at the end' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON ${table} DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION proof.lose()`

/** How many statements were undone so. */
export async function lostAtTheEnd(database: Database): Promise<number> {
  const [row] = await database.query<{ lost: number }>(
    'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS lost FROM proof.lost',
    [],
  )
  return row!.lost
}
