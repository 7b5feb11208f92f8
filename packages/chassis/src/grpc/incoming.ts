import { type Caller, type Context, type Failure, fail, isUuid, ok, type Result, type Uuid } from '@abasto/kernel'
import type { ServerUnaryCall } from '@grpc/grpc-js'
import { type Command, fingerprintOf, isIdempotencyKey, operationIdOf } from '../http/idempotency.ts'
import { CREDENTIAL_HEADER, type Headers } from '../identity.ts'

/** The longest that a caller may wait, in milliseconds, whatever deadline it sends. */
export const MAX_WAIT_MS = 5_000

/** How peers say under which name they do a write; those who have no context of their own send a key instead. */
export const OPERATION_ID = 'x-operation-id'
export const FINGERPRINT = 'x-fingerprint'
const IDEMPOTENCY_KEY = 'idempotency-key'

/** The ids of all requests that a call is made for. */
export const REQUEST_ID = 'x-request-id'

const PRINTABLE = /^[\x21-\x2b\x2d-\x7e]{1,128}$/

type AnyCall = Pick<ServerUnaryCall<unknown, unknown>, 'metadata' | 'getDeadline' | 'cancelled'> & {
  on: (event: 'cancelled', told: () => void) => unknown
}

/** The metadata of a call, read as headers are; of what was sent several times the first counts. */
export const headersOf = ({ metadata }: Pick<AnyCall, 'metadata'>): Headers => ({
  get: (name) => {
    const [value] = metadata.get(name)
    return typeof value === 'string' ? value : null
  },
})

/** The ids of the requests that a call is made for: those that were sent, or one of our own. */
export function requestIdsOf({ metadata }: Pick<AnyCall, 'metadata'>, newId: () => string): readonly string[] {
  const sent = metadata.get(REQUEST_ID).flatMap((ids) => String(ids).split(','))
  const ids = sent.map((id) => id.trim()).filter((id) => PRINTABLE.test(id))
  return ids.length > 0 ? ids : [newId()]
}

/** When the caller stops waiting: when it says so, and never later than `MAX_WAIT_MS` from now. */
export function deadlineOf(call: Pick<AnyCall, 'getDeadline'>, now: number): number {
  const deadline = call.getDeadline()
  return Math.min(deadline instanceof Date ? deadline.getTime() : deadline, now + MAX_WAIT_MS)
}

/** Who asks, until when, and under which name: the context of a call, before anything of it is done. */
export function contextOf(
  call: AnyCall,
  known: Readonly<{ requestId: string; caller: Caller; deadlineMs: number; name: Name }>,
): Context {
  const { name, ...others } = known
  const context: Context & { traceparent?: string; credential?: string } = {
    ...others,
    ...name,
    // Few use cases look at the signal, and making one costs as much as the rest of the context.
    get signal() {
      return signalOf(call)
    },
  }
  const headers = headersOf(call)
  const traceparent = headers.get('traceparent')
  if (traceparent !== null) context.traceparent = traceparent
  const credential = headers.get(CREDENTIAL_HEADER)
  if (credential !== null) context.credential = credential
  return context
}

const signals = new WeakMap<object, AbortSignal>()

function signalOf(call: AnyCall): AbortSignal {
  const known = signals.get(call)
  if (known) return known
  const controller = new AbortController()
  if (call.cancelled) controller.abort()
  else call.on('cancelled', () => controller.abort())
  signals.set(call, controller.signal)
  return controller.signal
}

type Name = Pick<Context, 'operationId' | 'fingerprint'>

export const NO_NAME: Name = { operationId: '', fingerprint: '' }

/**
 * The name of a write. A peer that does it for a request of its own sends the name that the request has; anyone else
 * sends an idempotency key, or nothing.
 */
export function nameOf(
  { get }: Headers,
  { caller, operation, command, newId }: { caller: Caller; operation: string; command: Command; newId: () => Uuid },
): Result<Name> {
  const operationId = get(OPERATION_ID)
  const fingerprint = get(FINGERPRINT)
  if (operationId !== null || fingerprint !== null) {
    if (operationId === null || !isUuid(operationId)) return fail(malformed(OPERATION_ID, 'a UUID in lower case'))
    if (fingerprint === null || !/^[0-9a-f]{32}$/.test(fingerprint)) {
      return fail(malformed(FINGERPRINT, '32 hexadecimal digits in lower case'))
    }
    return ok({ operationId, fingerprint })
  }
  const key = get(IDEMPOTENCY_KEY)
  if (key === null) return ok({ operationId: newId(), fingerprint: fingerprintOf(command) })
  if (!isIdempotencyKey(key)) return fail(malformed(IDEMPOTENCY_KEY, '1 to 255 characters of printable ASCII'))
  return ok({ operationId: operationIdOf(caller.id, operation, key), fingerprint: fingerprintOf(command) })
}

const malformed = (name: string, shape: string): Failure => ({
  kind: 'invalid',
  code: 'invalid_header',
  message: `The metadata ${name} is ${shape}.`,
  at: [name],
})
