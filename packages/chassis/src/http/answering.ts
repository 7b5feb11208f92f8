import { isWrite } from '@abasto/contract/operation'
import type { Context, Page, Trace, Uuid } from '@abasto/kernel'
import { CREDENTIAL_HEADER } from '../identity.ts'
import type { Answer, Binding, Entity, OperationRequest } from './binding.ts'
import { pageLinks, type Renderer } from './document.ts'
import type { Exchange } from './exchange.ts'
import { createTurns, fingerprintOf, operationIdOf } from './idempotency.ts'
import { etagOf, namesTag } from './precondition.ts'
import { type FailureTable, type Refusal, refusalOf } from './refusal.ts'
import { documentHeaders, type Extra, emptyReply, errorReply } from './reply.ts'
import type { Submission } from './submission.ts'

/** Calls the binding of an operation and puts its result into words of HTTP. */
export type Answering = (exchange: Exchange, submission: Submission | undefined) => Promise<Response>

export type AnsweringOptions = Readonly<{
  failures: FailureTable
  renderer: Renderer
  now: () => number
  newId: () => Uuid
  /** How long a caller waits, in milliseconds. */
  deadlineMs: number
  /** Told of each write that was answered as it had been before. */
  replayed: (operation: string) => void
}>

const NOTHING = Object.freeze({})

export function createAnswering(options: AnsweringOptions) {
  const { failures, renderer, now, newId, deadlineMs } = options
  const inTurn = createTurns()

  return (binding: Binding): Answering =>
    async (exchange, submission) => {
      const refusals = faultsOf(exchange, submission)
      if (refusals) return errorReply(refusals, failures, exchange.requestId)
      const attributes = submission?.ok ? submission.attributes : NOTHING
      const relationships = submission?.ok ? submission.relationships : NOTHING
      const { id, ifMatch, query, idempotencyKey: key } = exchange
      const chosenId = submission?.ok && id === '' ? (submission.id as Uuid | undefined) : undefined
      const { operation } = exchange.route
      const request: OperationRequest = {
        context: contextOf(
          exchange,
          now() + deadlineMs,
          nameOf(exchange, newId),
          isWrite(operation) ? fingerprintOf({ id: chosenId ?? id, attributes, relationships, ifMatch }) : '',
        ),
        id,
        attributes,
        relationships,
        page: query.page,
        include: query.include,
        filters: query.filters,
        parameters: query.parameters,
        ...(chosenId === undefined ? {} : { chosenId }),
        ...(ifMatch === undefined ? {} : { ifMatch }),
      }
      const result =
        key === null
          ? await binding(request)
          : await inTurn(request.context.operationId, deadlineMs, () => binding(request))
      if (result === undefined) return errorReply([inProgress], failures, exchange.requestId)
      if (result.replayed) options.replayed(operation.id)
      if (result.ok) return answerReply(renderer, exchange, result.value, result.replayed)
      const refusal = refusalOf(result.error, {
        attributes,
        relationships,
        isCreate: operation.action === 'create',
        ...(chosenId === undefined ? {} : { id: chosenId }),
      })
      const isStored = key !== null && result.error.kind !== 'unavailable'
      const extra = result.replayed ? REPLAYED : undefined
      return errorReply([refusal], failures, exchange.requestId, { named: !isStored, ...(extra ? { extra } : {}) })
    }
}

/** The operation id: of a write that has no key a fresh one, of a read none. */
function nameOf({ caller, route: { operation }, idempotencyKey: key }: Exchange, newId: () => Uuid): Uuid {
  if (key !== null) return operationIdOf(caller.id, operation.id, key)
  return isWrite(operation) ? newId() : ''
}

const REPLAYED: Extra = { 'Idempotency-Replayed': 'true' }

const inProgress: Refusal = {
  code: 'in_progress',
  detail: 'The first send of this operation is still running; send it again later.',
}

/** The document's own faults, and the one that only shows beside the path. */
function faultsOf(exchange: Exchange, submission: Submission | undefined): readonly Refusal[] | undefined {
  if (submission === undefined) return undefined
  const isOther = exchange.id !== '' && typeof submission.id === 'string' && submission.id !== exchange.id
  if (isOther) {
    const detail = 'The id is not the one of the address.'
    return [{ code: 'type_mismatch', detail, source: { pointer: '/data/id' } }]
  }
  return submission.ok ? undefined : submission.refusals
}

function contextOf(
  { request, requestId, caller, span, traceparent }: Exchange,
  deadlineMs: number,
  operationId: Uuid,
  fingerprint: string,
): Context {
  const context: Context & { traceparent?: string; trace?: Trace; credential?: string } = {
    requestId,
    caller,
    deadlineMs,
    operationId,
    fingerprint,
    // Making the signal costs as much as the rest of the context, and few use cases look at it.
    get signal() {
      return request.signal
    },
  }
  if (traceparent !== undefined) context.traceparent = traceparent
  if (span?.isRecorded) context.trace = span
  const credential = request.headers.get(CREDENTIAL_HEADER)
  if (credential !== null) context.credential = credential
  return context
}

function answerReply(renderer: Renderer, exchange: Exchange, answer: Answer, replayed = false): Response {
  const { requestId, address, route, query } = exchange
  const { action, relationship } = route.operation
  const extra = replayed ? REPLAYED : undefined
  const included = query.includes ? (answer.included ?? []) : undefined
  if (action === 'delete') return emptyReply(204, requestId, extra)
  if (action === 'list') {
    const page = answer.data as Page<Entity>
    const [path = ''] = address.split('?')
    return reply(renderer.collection(page, address, pageLinks(page, path, query), included), requestId)
  }
  const entity = answer.data as Entity | null
  if (action === 'related') return reply(renderer.resource(entity, address), requestId)
  if (entity === null) throw new Error(`The binding of ${route.operation.id} answered without a resource.`)
  if (action === 'linkage') return reply(renderer.linkage(entity, relationship ?? '', address), requestId)
  if (action === 'read') return readReply(renderer, exchange, entity, included)

  // What is kept nowhere cannot be fetched from where it was sent to, and every link that is shown must work.
  const self = action === 'command' ? undefined : (renderer.selfLink(entity) ?? address)
  const headers = documentHeaders(requestId, extra)
  if (entity.version !== undefined) headers.ETag = etagOf(entity.version, entity.variant)
  if (action === 'create' && self !== undefined) headers.Location = self
  return new Response(renderer.resource(entity, self), { status: action === 'create' ? 201 : 200, headers })
}

/**
 * The tag names the version of the resource alone. A compound document also changes with what it includes, so it has
 * no tag and is never answered with 304.
 */
function readReply(
  renderer: Renderer,
  { request, requestId, address, query }: Exchange,
  entity: Entity,
  included: readonly Entity[] | undefined,
): Response {
  const headers = documentHeaders(requestId)
  if (entity.version !== undefined && query.include.length === 0) {
    headers.ETag = etagOf(entity.version, entity.variant)
    const known = request.headers.get('if-none-match')
    if (known !== null && namesTag(known, headers.ETag)) return emptyReply(304, requestId, { ETag: headers.ETag })
  }
  return new Response(renderer.resource(entity, address, included), { headers })
}

const reply = (body: string, requestId: string): Response => new Response(body, { headers: documentHeaders(requestId) })
