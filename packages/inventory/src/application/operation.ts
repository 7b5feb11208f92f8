import { patiently } from '@abasto/chassis/database/patience'
import type { Context, Failure, Result, Trace, Uuid } from '@abasto/kernel'
import type { Command } from '../domain/command.ts'
import type { Outcome, Verdict } from '../domain/state.ts'
import type { Ports } from './ports.ts'

/** The name, the fingerprint and the author that a command takes from its context. */
export const named = ({ operationId, fingerprint, caller }: Context) => ({ operationId, fingerprint, actor: caller.id })

/**
 * What this operation came to when it was sent before, or the failure itself. For a peer that cannot be asked: a write
 * that was decided long ago is answered all the same.
 */
export async function recallOr(ports: Ports, context: Context, failure: Failure): Promise<Verdict> {
  const read = await patiently(context.deadlineMs, () =>
    ports.stock.read({ operations: [context.operationId] }, context.trace),
  )
  if (!read.ok) return read
  const known = read.value.operations.get(context.operationId)
  if (known?.fingerprint === context.fingerprint) return { ...known.verdict, replayed: true }
  return { ok: false, error: failure }
}

/** The verdict with its value taken out of the outcome. */
export function resultOf<O extends Outcome, T>(verdict: Verdict, take: (outcome: O) => T): Result<T> {
  return verdict.ok ? { ...verdict, value: take(verdict.value as O) } : verdict
}

export const productNotFound = (productId: Uuid): Failure => ({
  kind: 'not_found',
  code: 'product_not_found',
  message: `There is no product ${productId}.`,
  at: ['productId'],
  details: { productId },
})

/** Hands a command of this context to the stock. */
export const commit = (ports: Ports, context: Context, command: Command): Promise<Verdict> =>
  ports.commit(command, context.deadlineMs, context.trace)

/** What a read came to, within the caller's time. */
export const asked = <T>(context: Context, question: (trace: Trace | undefined) => Promise<T>): Promise<Result<T>> =>
  patiently(context.deadlineMs, () => question(context.trace))

/** How many lines a command may have. */
export function lineCountRefusal(what: string, count: number): Failure | undefined {
  if (count >= 1 && count <= 100) return undefined
  return {
    kind: 'invalid',
    code: 'invalid_value',
    message: `A ${what} has 1 to 100 lines, not ${count}.`,
    at: ['lines'],
  }
}
