import { coalesce } from '@abasto/chassis/coalesce'
import {
  type Context,
  type Failure,
  fail,
  isUuid,
  ok,
  type Result,
  type Trace,
  type Uuid,
  unavailable,
} from '@abasto/kernel'
import type { Products } from '@abasto/products/products'
import type { Products as ProductsPort } from '../application/ports.ts'

/**
 * The products service asked through its surface, wherever it runs. What is asked for at the same moment is asked
 * together, and none of those who share a call can harm another: each waits until its own deadline, and the call until
 * that of the most patient.
 */
export const productsClient = (products: Pick<Products, 'findProducts' | 'priceProducts'>): ProductsPort => ({
  findProducts: together(products.findProducts),
  priceProducts: together(products.priceProducts),
})

type LookUp<T> = (context: Context, ids: readonly Uuid[]) => Promise<Result<ReadonlyMap<Uuid, T>>>

function together<T>(lookUp: LookUp<T>): LookUp<T> {
  const find = coalesce<T, Context>(
    async (ids, askers) => {
      const now = Date.now()
      const waiting = askers.filter(({ deadlineMs }) => deadlineMs > now)
      if (waiting.length === 0) throw new Unanswered(tooLate)
      const found = await lookUp(contextOf(waiting), ids)
      if (!found.ok) throw new Unanswered(found.error)
      return found.value
    },
    // Whoever answers verifies one key for the whole call.
    { groupOf: ({ credential }) => credential ?? '' },
  )

  return async (asking, ids) => {
    // What is no id is the id of nothing, and would be refused for everybody who shares the call.
    const asked = ids.filter(isUuid).map(async (id) => [id, await find(id, asking)] as const)
    try {
      const found = await inTime(asking.deadlineMs, Promise.all(asked))
      return ok(new Map(found.flatMap(([id, product]) => (product === undefined ? [] : [[id, product]]))))
    } catch (error) {
      if (error instanceof Unanswered) return fail(error.failure)
      throw error
    }
  }
}

/** One context for all who ask: their ids, the longest patience, and a place in the trace of each. */
function contextOf(askers: readonly Context[]): Context {
  const [first, ...others] = askers.toSorted((one, other) => other.deadlineMs - one.deadlineMs)
  if (!first) throw new Error('A call is made for somebody.')
  if (others.length === 0) return first
  const { caller, deadlineMs, credential } = first
  const trace = traceOf(askers)
  const traceparent = trace?.traceparent ?? first.traceparent
  return {
    requestId: askers.map(({ requestId }) => requestId).join(','),
    caller,
    deadlineMs,
    operationId: '',
    fingerprint: '',
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(trace === undefined ? {} : { trace }),
    ...(credential === undefined ? {} : { credential }),
  }
}

/** The call is a part of the trace of the first who is traced, and has links to the others. */
function traceOf(askers: readonly Context[]): Trace | undefined {
  const [trace, ...linked] = askers.flatMap(({ trace }) => (trace?.isRecorded ? [trace] : []))
  if (trace === undefined) return undefined
  return {
    ...trace,
    begin: (name, options) => trace.begin(name, { ...options, links: [...(options?.links ?? []), ...linked] }),
  }
}

// Every sale comes through here: one promise costs less than a race of two.
function inTime<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Unanswered(tooLate)), Math.max(0, deadlineMs - Date.now()))
    const settle =
      <V>(end: (value: V) => void) =>
      (value: V) => {
        clearTimeout(timer)
        end(value)
      }
    work.then(settle(resolve), settle(reject))
  })
}

const tooLate = unavailable('The products could not be asked in time.')

class Unanswered extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}
