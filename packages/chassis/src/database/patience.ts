import { ok, type Result, unavailable } from '@abasto/kernel'
import { Contention, OutcomeUnknown } from './database.ts'

/** How long to wait before a read is tried again, in milliseconds. */
const PAUSE_MS = 20

/**
 * Reads, and reads again while the database does not answer, until the caller stops waiting. Only for what changes
 * nothing: a write that nobody answered is sent again under its operation id instead.
 */
export async function patiently<T>(deadlineMs: number, read: () => Promise<T>): Promise<Result<T>> {
  for (;;) {
    const leftMs = deadlineMs - Date.now()
    if (leftMs <= 0) return { ok: false, error: unavailable('The database does not answer at present.') }
    try {
      return ok(await read())
    } catch (error) {
      if (!(error instanceof OutcomeUnknown || error instanceof Contention)) throw error
      await Bun.sleep(Math.min(leftMs, PAUSE_MS * (0.5 + Math.random())))
    }
  }
}
