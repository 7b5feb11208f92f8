import type { Contract } from './contract.ts'
import { errorExample } from './openapi-examples.ts'
import { answerSchema, type JsonObject, object, plain, type Schemas } from './openapi-schemas.ts'
import { type Event, isWrite, type Operation } from './operation.ts'
import { submissionOf } from './submission.ts'

export const MEDIA_TYPE = 'application/vnd.api+json'

const EVENT_STREAM = 'text/event-stream'

const text = (description: string, example: string, more: JsonObject = {}): JsonObject => ({
  description,
  schema: { type: 'string', ...more },
  example,
})

/** The headers that answers carry, by name. */
export const HEADERS: Readonly<Record<string, JsonObject>> = {
  'X-Request-ID': text('The id of the request, as it stands in the logs.', '019b76da-a800-7000-8000-000000000001'),
  Vary: text('Answers depend on `Accept`.', 'Accept'),
  ETag: text('The version of the resource; send it back as `If-Match`.', '"5"'),
  Location: text('Where the new resource can be read.', '/api/v1/purchases/019b76da-a800-7000-8000-000000000001', {
    format: 'uri-reference',
  }),
  'Idempotency-Replayed': text('`true` when an earlier send of the same operation is answered again.', 'true', {
    enum: ['true'],
  }),
  'WWW-Authenticate': text('How to authenticate.', 'ApiKey realm="abasto", header="X-API-Key"'),
  'Retry-After': text('After how many seconds to send it again.', '1'),
}

const headers = (names: readonly string[]): JsonObject =>
  Object.fromEntries(['X-Request-ID', 'Vary', ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]))

/** The codes that an operation answers with besides its own, because of what it is. */
export function codesOf(contract: Contract, operation: Operation): string[] {
  const submission = submissionOf(contract, operation)
  return [
    ...operation.failures,
    'invalid_parameter',
    'unauthenticated',
    'forbidden',
    'not_acceptable',
    'internal_error',
    'unavailable',
    ...(operation.action === 'list' ? ['invalid_cursor'] : []),
    ...(isWrite(operation) ? ['invalid_header', 'idempotency_key_reused', 'in_progress'] : []),
    ...(submission ? DOCUMENT_CODES : []),
    ...(submission?.document === 'create' && !submission.resource.clientIds ? ['unsupported_client_id'] : []),
  ]
}

const DOCUMENT_CODES = [
  'malformed_document',
  'invalid_document',
  'type_mismatch',
  'content_too_large',
  'unsupported_media_type',
  'invalid_value',
]

/** Every answer of an operation by its status: the one it is for, then the failures. */
export function responsesOf(
  contract: Contract,
  operations: readonly Operation[],
  schemas: Schemas,
  operation: Operation,
): JsonObject {
  const replayed = isWrite(operation) ? ['Idempotency-Replayed'] : []
  const hasTag = ['create', 'read', 'update', 'act'].includes(operation.action)
  const names = [...(hasTag ? ['ETag'] : []), ...(operation.action === 'create' ? ['Location'] : []), ...replayed]
  const responses: JsonObject = {}
  if (operation.action === 'delete') {
    responses['204'] = { description: 'It is deleted.', headers: headers(replayed) }
  } else if (operation.events) {
    const content = { [EVENT_STREAM]: eventStream(operation.events) }
    responses['200'] = { description: operation.summary, headers: headers([]), content }
  } else {
    responses[operation.action === 'create' ? '201' : '200'] = {
      description: operation.summary,
      headers: headers(names),
      content: { [MEDIA_TYPE]: { schema: answerSchema(contract, operations, schemas, operation) } },
    }
  }
  if (operation.action === 'read') {
    responses['304'] = {
      description: 'The tag of `If-None-Match` is still the current one.',
      headers: headers(['ETag']),
    }
  }
  for (const [status, codes] of byStatus(contract, codesOf(contract, operation))) {
    responses[status] = failureResponse(contract, schemas, status, codes, isWrite(operation))
  }
  return responses
}

/** OpenAPI 3.1 has no words for the parts of a text that does not end, so what each event is stands beside it. */
function eventStream(events: Readonly<Record<string, Event>>): JsonObject {
  const examples = Object.entries(events).map(([name, { description, example }]) => {
    const value = `event: ${name}\ndata: ${JSON.stringify(example)}\n\n`
    return [name, { summary: description, value }]
  })
  const described = Object.entries(events).map(([name, { description, schema }]) => [
    name,
    { description, data: plain(schema) },
  ])
  return {
    schema: { type: 'string', description: 'Server-Sent Events; `x-events` says what the `data` of each is.' },
    examples: Object.fromEntries(examples),
    'x-events': Object.fromEntries(described),
  }
}

function byStatus(contract: Contract, codes: readonly string[]): [string, string[]][] {
  const grouped = new Map<string, string[]>()
  for (const code of new Set(codes)) {
    const status = String(contract.failures[code]!.status)
    grouped.set(status, [...(grouped.get(status) ?? []), code])
  }
  return [...grouped].sort(([a], [b]) => Number(a) - Number(b))
}

function failureResponse(
  contract: Contract,
  schemas: Schemas,
  status: string,
  codes: readonly string[],
  isWrite: boolean,
): JsonObject {
  const names = [
    ...(status === '401' ? ['WWW-Authenticate'] : []),
    ...(status === '503' ? ['Retry-After'] : []),
    ...(isWrite && ['404', '409', '412', '422'].includes(status) ? ['Idempotency-Replayed'] : []),
  ]
  return {
    description: codes.map((code) => `\`${code}\`: ${contract.failures[code]!.title}.`).join('\n\n'),
    headers: headers(names),
    content: {
      [MEDIA_TYPE]: {
        schema: schemas.ref('Errors', () => errorsSchema(contract)),
        examples: Object.fromEntries(
          codes.map((code) => [code, { summary: contract.failures[code]!.title, value: errorExample(contract, code) }]),
        ),
      },
    },
  }
}

function errorsSchema(contract: Contract): JsonObject {
  const string = (description: string): JsonObject => ({ type: 'string', description })
  const source = object(
    {
      pointer: string('A JSON Pointer to the fault in the document that was sent.'),
      parameter: string('The query parameter at fault.'),
      header: string('The header at fault.'),
    },
    [],
  )
  const error = object(
    {
      status: string('The HTTP status of this error.'),
      code: { ...string('What is wrong, for programs.'), enum: Object.keys(contract.failures) },
      title: string('What is wrong, the same for every error of this code.'),
      detail: string('What is wrong this time, for a person.'),
      source,
      links: object({ type: { type: 'string', format: 'uri', description: 'Describes this kind of error.' } }, []),
      meta: {
        type: 'object',
        description: 'The details of the code, and `requestId` where the answer is not kept for replays.',
      },
    },
    ['status', 'code', 'title', 'detail'],
  )
  return object(
    {
      jsonapi: object({ version: { const: '1.1' } }, ['version']),
      errors: { type: 'array', minItems: 1, maxItems: 20, items: error },
    },
    ['jsonapi', 'errors'],
  )
}
