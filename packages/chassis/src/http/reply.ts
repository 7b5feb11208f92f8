import type { Failure } from '@abasto/kernel'
import { type FailureTable, type Refusal, refusalOf, type Sent, statusOf } from './refusal.ts'

export const MEDIA_TYPE = 'application/vnd.api+json'

/** No more errors than this in one document: the first ones say enough. */
const MOST_ERRORS = 20

/** Headers beside those that every answer has. */
export type Extra = Readonly<Record<string, string>>

/**
 * The headers of an answer with a document. They are complete before the response is made: changing them afterwards
 * costs more than making them.
 */
export function documentHeaders(requestId: string, extra?: Extra): Record<string, string> {
  const headers: Record<string, string> = { 'Content-Type': MEDIA_TYPE, Vary: 'Accept', 'X-Request-ID': requestId }
  return extra ? Object.assign(headers, extra) : headers
}

/** An answer without a document: 204, 304, a redirect. */
export const emptyReply = (status: number, requestId: string, extra?: Extra): Response =>
  new Response(null, { status, headers: { Vary: 'Accept', 'X-Request-ID': requestId, ...extra } })

/**
 * The error document (JSON:API 1.1, section 11).
 *
 * `named` says whether `meta.requestId` is given: a refusal that is stored under an idempotency key has none, because
 * sending the write again must bring the same bytes. The header X-Request-ID is always there.
 */
export function errorReply(
  refusals: readonly Refusal[],
  table: FailureTable,
  requestId: string,
  options: { extra?: Extra; named?: boolean } = {},
): Response {
  const shown = refusals.slice(0, MOST_ERRORS)
  const statuses = shown.map((refusal) => statusOf(refusal, table))
  const status = mostGeneral(statuses)
  const errors = shown.map((refusal, index) => errorObject(refusal, statuses[index]!, table, requestId, options.named))
  const retry = status === 503 ? { 'Retry-After': '1' } : undefined
  const headers = documentHeaders(requestId, { ...retry, ...options.extra })
  return new Response(JSON.stringify({ jsonapi: { version: '1.1' }, errors }), { status, headers })
}

/**
 * A failure as an error document has it, for an answer that says what became of each of its parts. Without the id of
 * the request: the answer may be given again to another one.
 */
export function errorObjectOf(failure: Failure, sent: Sent, table: FailureTable) {
  const refusal = refusalOf(failure, sent)
  return errorObject(refusal, statusOf(refusal, table), table, '', false)
}

function errorObject(refusal: Refusal, status: number, table: FailureTable, requestId: string, named = true) {
  const meta = named ? { ...refusal.meta, requestId } : refusal.meta
  return {
    status: String(status),
    code: refusal.code,
    title: (Object.hasOwn(table, refusal.code) && table[refusal.code]?.title) || refusal.code.replaceAll('_', ' '),
    detail: refusal.detail,
    source: refusal.source,
    links: refusal.type ? { type: refusal.type } : undefined,
    meta,
  }
}

/** When errors differ the answer has the most general status that holds for all of them: 400. */
const mostGeneral = (statuses: readonly number[]): number =>
  statuses.every((status) => status === statuses[0]) ? (statuses[0] ?? 500) : 400
