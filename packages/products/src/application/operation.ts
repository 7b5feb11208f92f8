import { Contention, OutcomeUnknown } from '@abasto/chassis/database/database'
import { type Context, fail, isKept, keyReused, type Result, replayed, type Uuid, unconfirmed } from '@abasto/kernel'
import type { CatalogueState, Decision } from '../domain/decide.ts'
import type { Catalogue } from './ports.ts'

type Question = Readonly<{ productId?: Uuid; sku?: string | undefined }>

/**
 * Runs one write: reads, decides, writes under the operation id, and begins again when the write lost its race or
 * nobody knows what came of it. What was decided under this operation id before is answered as it was. Nobody waits
 * past their deadline, not even for a query that hangs.
 *
 * `tell` does what has to follow a verdict before it is answered. A write goes on when nobody waits for it any more, so
 * it is told then too: no cache may keep what such a write has changed.
 */
export async function perform<T>(
  catalogue: Catalogue,
  context: Context,
  question: Question,
  decide: (state: CatalogueState) => Decision<T>,
  tell: (verdict: Result<T>) => Promise<Result<T>>,
): Promise<Result<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<Result<never>>((resolve) => {
    timer = setTimeout(() => resolve(fail(unconfirmed)), context.deadlineMs - Date.now())
  })
  try {
    return await Promise.race([untilDecided(catalogue, context, question, decide).then(tell), late])
  } finally {
    clearTimeout(timer)
  }
}

async function untilDecided<T>(
  catalogue: Catalogue,
  { operationId: id, fingerprint, deadlineMs, trace }: Context,
  question: Question,
  decide: (state: CatalogueState) => Decision<T>,
): Promise<Result<T>> {
  for (let tries = 1; Date.now() < deadlineMs; tries++) {
    try {
      const { operation, ...state } = await catalogue.read({ operationId: id, ...question }, trace)
      if (operation?.fingerprint === fingerprint) return replayed(operation.verdict as Result<T>)
      if (operation) return fail(keyReused)
      const { changes, verdict } = decide(state)
      if (!isKept(verdict)) return verdict
      if (await catalogue.write(changes, { id, fingerprint, verdict }, state.now, trace)) return verdict
    } catch (error) {
      if (!(error instanceof Contention || error instanceof OutcomeUnknown)) throw error
      await Bun.sleep(Math.random() * Math.min(100, 2 ** tries))
    }
  }
  return fail(unconfirmed)
}
