import type { FailureDefinition } from '@abasto/contract/failures'
import type { Failure, FailureKind } from '@abasto/kernel'

/** Which part of the request is at fault (JSON:API 1.1, section 11.2.1). */
export type Source = Readonly<{ pointer: string } | { parameter: string } | { header: string }>

/** Why a request is refused, before it is put into words of HTTP: status and title come from the contract's table. */
export type Refusal = Readonly<{
  code: string
  /** One sentence for a person. */
  detail: string
  source?: Source
  meta?: Readonly<Record<string, unknown>>
  /** The address of a document that describes this kind of error. */
  type?: string
  /** For failures of use cases: where the status comes from when the code does not say it. */
  kind?: FailureKind
}>

export type FailureTable = Readonly<Record<string, FailureDefinition>>

/** The one place where a kind of failure becomes a status of HTTP. `invalid` is 400 or 422, as the code says. */
export const KIND_STATUS: Readonly<Record<FailureKind, number>> = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  precondition: 412,
  rate_limited: 429,
  unavailable: 503,
}

/** The status of one refusal. A code that the table does not know is answered by its kind, else it is a bug of ours. */
export function statusOf(refusal: Refusal, table: FailureTable): number {
  const listed = Object.hasOwn(table, refusal.code) ? table[refusal.code]?.status : undefined
  if (refusal.kind !== undefined && refusal.kind !== 'invalid') return KIND_STATUS[refusal.kind]
  return listed ?? (refusal.kind ? KIND_STATUS[refusal.kind] : 500)
}

export const at = (pointer: string): Source => ({ pointer })

/** One step of a JSON Pointer (RFC 6901, section 3). */
export const step = (name: string | number): string => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`

/** What the binding was given, as far as a pointer needs it. */
export type Sent = Readonly<{
  attributes: Readonly<Record<string, unknown>>
  relationships: Readonly<Record<string, string | null>>
  isCreate: boolean
  /** The id that the document chose. */
  id?: string
}>

const PAGE_SOURCES: Readonly<Record<string, Source>> = {
  'page.after': { parameter: 'page[after]' },
  'page.before': { parameter: 'page[before]' },
  'page.size': { parameter: 'page[size]' },
}

/** A failure of a use case as the API shows it; its path in the command becomes a pointer into what was sent. */
export function refusalOf(failure: Failure, sent: Sent): Refusal {
  const source = sourceOf(failure, sent)
  return {
    kind: failure.kind,
    code: failure.code,
    detail: failure.message,
    ...(source ? { source } : {}),
    ...(failure.details ? { meta: failure.details } : {}),
  }
}

function sourceOf(failure: Failure, sent: Sent): Source | undefined {
  const path = failure.at
  const name = path?.[0]
  if (path === undefined || name === undefined) return missingRelation(failure, sent)
  if (name === 'ifMatch') return { header: 'If-Match' }
  if (name === 'idempotencyKey') return { header: 'Idempotency-Key' }
  if (name === 'id' && sent.id !== undefined) return at('/data/id')
  if (name === 'page') return PAGE_SOURCES[path.join('.')]
  return pointerTo(String(name), path.slice(1), sent)
}

// A create names nothing in its path, so what was not found is what its one relationship names.
function missingRelation(failure: Failure, sent: Sent): Source | undefined {
  const names = Object.keys(sent.relationships)
  if (failure.kind !== 'not_found' || !sent.isCreate || names.length !== 1) return undefined
  return at(`/data/relationships${step(names[0]!)}/data`)
}

/** A pointer leads to a value that was sent; for a value that was left out it leads to what would hold it. */
function pointerTo(name: string, rest: readonly (string | number)[], sent: Sent): Source | undefined {
  if (Object.hasOwn(sent.attributes, name)) {
    let pointer = `/data/attributes${step(name)}`
    let value = sent.attributes[name]
    for (const key of rest) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) break
      value = (value as Record<string | number, unknown>)[key]
      pointer += step(key)
    }
    return at(pointer)
  }
  // A command calls the product `productId` where the document has a relationship `product`.
  const relationship = [name, name.replace(/Id$/, '')].find((known) => Object.hasOwn(sent.relationships, known))
  if (relationship !== undefined) return at(`/data/relationships${step(relationship)}/data`)
  if (Object.keys(sent.attributes).length > 0) return at('/data/attributes')
  return undefined
}
