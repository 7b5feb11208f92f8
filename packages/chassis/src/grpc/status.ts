import type { Failure, FailureKind } from '@abasto/kernel'
import {
  FailureSchema,
  FailureKind as Kind,
  type Failure as Message,
  type PathStep,
} from '@abasto/proto/failures/v1/failure'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { Metadata, status } from '@grpc/grpc-js'

type Row = Readonly<{ kind: FailureKind; code: status; sent: Kind }>

/** The one place where a kind of failure becomes a code of gRPC. */
const TABLE: readonly Row[] = [
  { kind: 'invalid', code: status.INVALID_ARGUMENT, sent: Kind.INVALID },
  { kind: 'unauthenticated', code: status.UNAUTHENTICATED, sent: Kind.UNAUTHENTICATED },
  { kind: 'forbidden', code: status.PERMISSION_DENIED, sent: Kind.FORBIDDEN },
  { kind: 'not_found', code: status.NOT_FOUND, sent: Kind.NOT_FOUND },
  { kind: 'conflict', code: status.FAILED_PRECONDITION, sent: Kind.CONFLICT },
  { kind: 'precondition', code: status.FAILED_PRECONDITION, sent: Kind.PRECONDITION },
  { kind: 'rate_limited', code: status.RESOURCE_EXHAUSTED, sent: Kind.RATE_LIMITED },
  { kind: 'unavailable', code: status.UNAVAILABLE, sent: Kind.UNAVAILABLE },
]

const byKind = new Map(TABLE.map((row) => [row.kind, row]))
const bySent = new Map(TABLE.map((row) => [row.sent, row]))

export const codeOf = (kind: FailureKind): status => byKind.get(kind)!.code

/** The trailers that carry a failure whole, and its code once more for people who look. */
export const FAILURE_TRAILER = 'failure-bin'
const CODE_TRAILER = 'failure-code'

/** A verdict that was given before, as in HTTP. */
export const REPLAYED_TRAILER = 'idempotency-replayed'

/** A failure as the end of a call: for programs in a trailer, for people in the code and the text. */
export function statusOf(failure: Failure, trailers = new Metadata()) {
  trailers.set(FAILURE_TRAILER, Buffer.from(toBinary(FailureSchema, failureMessage(failure))))
  if (/^[\x21-\x7e]+$/.test(failure.code)) trailers.set(CODE_TRAILER, failure.code)
  const details = `${failure.code}: ${failure.message}`.toWellFormed()
  return { code: codeOf(failure.kind), details, metadata: trailers }
}

/** The failure that a call ended with, when its callee sent one. */
export function failureIn(trailers: Metadata | undefined): Failure | undefined {
  const [bytes] = trailers?.get(FAILURE_TRAILER) ?? []
  if (!(bytes instanceof Uint8Array)) return undefined
  return failureOf(fromBinary(FailureSchema, bytes))
}

/** The failure that a message carries. */
export const failureOf = ({ kind, code, message, at, details }: Message): Failure => ({
  // A newer callee may know kinds that we do not; all we can say then is that it could not be done.
  kind: bySent.get(kind)?.kind ?? 'unavailable',
  code,
  message,
  ...(at ? { at: at.steps.map(({ step }) => step.value ?? '') } : {}),
  ...(details ? { details } : {}),
})

/** A failure as a message: in a trailer, or in an answer that has a verdict for each of its parts. */
export function failureMessage({ kind, code, message, at, details }: Failure): Message {
  return create(FailureSchema, {
    kind: byKind.get(kind)!.sent,
    code: code.toWellFormed(),
    message: message.toWellFormed(),
    ...(at ? { at: { steps: at.map((step) => ({ step: stepOf(step) })) } } : {}),
    ...(details ? { details: JSON.parse(JSON.stringify(details)) } : {}),
  })
}

const stepOf = (step: string | number): PathStep['step'] =>
  typeof step === 'number' ? { case: 'position', value: step } : { case: 'name', value: step.toWellFormed() }
