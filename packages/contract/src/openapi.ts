import { type Contract, operationsOf, resourceAt } from './contract.ts'
import { exampleId } from './example-id.ts'
import { exampleIdOf } from './openapi-examples.ts'
import { HEADERS, MEDIA_TYPE, responsesOf } from './openapi-responses.ts'
import {
  createSchemas,
  idSchema,
  type JsonObject,
  plain,
  type Schemas,
  submissionSchema,
  wordsOf,
} from './openapi-schemas.ts'
import { type Filter, isConditional, isWrite, type Operation, pathParameter } from './operation.ts'
import { includablePaths, PAGE_SIZE } from './query.ts'
import { submissionOf } from './submission.ts'

/** An OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1.html), as plain JSON. */
export type OpenApi = Readonly<{
  openapi: string
  info: JsonObject
  paths: Readonly<Record<string, JsonObject>>
  components: Readonly<Record<string, JsonObject>>
}> &
  JsonObject

/** Prints the API as OpenAPI; of the given services only, when they are given. */
export function printOpenApi(contract: Contract, services?: readonly string[]): OpenApi {
  const operations = services ? operationsOf(contract, services) : [...contract.operations]
  const schemas = createSchemas()
  const paths: Record<string, JsonObject> = {}
  for (const operation of operations) {
    const path = contract.basePath + operation.path
    paths[path] ??= {}
    paths[path][operation.method.toLowerCase()] = printOperation(contract, operations, schemas, operation)
  }
  const resources = [...new Set(operations.map((operation) => operation.resource))]
  const parameters = usedParameters(paths)
  return {
    openapi: '3.1.1',
    info: {
      title: contract.title,
      version: contract.version,
      description: contract.description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The server that this document came from.' }],
    security: [{ apiKey: [] }],
    tags: resources.map((type) => ({ name: type, description: contract.resources[type]!.description })),
    paths,
    components: {
      securitySchemes: {
        apiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'X-API-Key',
          description:
            'The API key of the server: what is set as `ABASTO_API_KEY`, else what it prints when it starts.',
        },
      },
      headers: usedHeaders(paths),
      parameters,
      schemas: schemas.printed(),
    },
  }
}

function printOperation(
  contract: Contract,
  operations: readonly Operation[],
  schemas: Schemas,
  operation: Operation,
): JsonObject {
  const parameters = parametersOf(contract, operation)
  const printed: JsonObject = {
    operationId: operation.id,
    tags: [operation.resource],
    summary: operation.summary,
    description: `${operation.description}\n\nNeeds the permission \`${operation.permission}\`.`,
    parameters,
  }
  const submission = submissionOf(contract, operation)
  if (submission) {
    const schema = schemas.ref(submission.name, () => submissionSchema(submission))
    printed.requestBody = { required: !submission.isOptional, content: { [MEDIA_TYPE]: { schema } } }
  }
  printed.responses = responsesOf(contract, operations, schemas, operation)
  return printed
}

function parametersOf(contract: Contract, operation: Operation): JsonObject[] {
  const ref = (name: string): JsonObject => ({ $ref: `#/components/parameters/${name}` })
  const parameters: JsonObject[] = []
  const name = pathParameter(operation.path)
  if (name !== undefined) {
    const named = resourceAt(contract, operation)
    parameters.push({
      name,
      in: 'path',
      required: true,
      description: `The id of the ${wordsOf(name.replace(/Id$/, ''))}.`,
      schema: idSchema(
        named,
        named.idOf ? `The ids of ${named.idOf.join(' and ')}, in lower case.` : 'A UUID in lower case.',
      ),
      example: exampleIdOf(named),
    })
  }
  if (operation.action === 'list') parameters.push(ref('PageSize'), ref('PageAfter'), ref('PageBefore'))
  for (const [name, filter] of Object.entries(operation.filters ?? {})) parameters.push(filterParameter(name, filter))
  for (const [name, { schema, description, example }] of Object.entries(operation.parameters ?? {})) {
    parameters.push({ name, in: 'query', description, schema: plain(schema), example })
  }
  const includable = includablePaths(contract, operation)
  if (includable.length > 0) {
    parameters.push({
      name: 'include',
      in: 'query',
      description: 'Which related resources to send along, separated by commas; may be empty.',
      explode: false,
      schema: { type: 'array', items: { type: 'string', enum: [...includable] } },
      example: [...includable],
    })
  }
  if (isWrite(operation)) parameters.push(ref('IdempotencyKey'))
  if (isConditional(operation)) parameters.push(ref('IfMatch'))
  if (operation.action === 'read') parameters.push(ref('IfNoneMatch'))
  if (operation.action === 'stream') parameters.push(ref('LastEventId'))
  parameters.push(ref('RequestId'))
  return parameters.map(withoutBait)
}

function filterParameter(name: string, { schema, maxValues, description, example }: Filter): JsonObject {
  const parameter = { name: `filter[${name}]`, in: 'query' }
  if (maxValues === 1) return { ...parameter, description, schema: plain(schema), example }
  return {
    ...parameter,
    description: `${description} Separated by commas, ${maxValues} at most.`,
    explode: false,
    schema: { type: 'array', items: plain(schema), minItems: 1, maxItems: maxValues },
    example: [example],
  }
}

/**
 * A parameter that may be left out has its example in its schema: what stands beside the schema is sent by Swagger UI
 * and other clients without being asked to, and a key that is always the same, or a tag that nobody has, is refused.
 */
function withoutBait(parameter: JsonObject): JsonObject {
  const { example, ...rest } = parameter
  if (example === undefined || parameter.required === true) return parameter
  return { ...rest, schema: { ...(parameter.schema as JsonObject), examples: [example] } }
}

const ascii = (from: '\\x20' | '\\x21', maxLength: number): JsonObject => ({
  type: 'string',
  minLength: 1,
  maxLength,
  pattern: `^[${from}-\\x7e]+$`,
})

const cursor = (name: string, description: string): JsonObject => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]+$' },
  example: Buffer.from(exampleId('products')).toString('base64url'),
})

const PARAMETERS: Readonly<Record<string, JsonObject>> = {
  PageSize: {
    name: 'page[size]',
    in: 'query',
    description: 'How many items a page has at most.',
    schema: { type: 'integer', minimum: 1, maximum: PAGE_SIZE.max, default: PAGE_SIZE.default },
    example: PAGE_SIZE.default,
  },
  PageAfter: cursor('page[after]', 'Begins right after this cursor. Not together with `page[before]`.'),
  PageBefore: cursor('page[before]', 'Ends right before this cursor. Not together with `page[after]`.'),
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Your name for this write. Sent again with the same key it takes effect once and is answered the same; with ' +
      'another document it is refused.',
    schema: ascii('\\x20', 255),
    example: 'sale-2026-01-31-0001',
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description:
      'The `ETag` that you know; when the resource has changed since, nothing happens and the answer is 412.',
    schema: { type: 'string' },
    example: '"5"',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'The `ETag` that you have; when it is still current the answer is 304 without a document.',
    schema: { type: 'string' },
    example: '"5"',
  },
  LastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'The id of the last event that you have dealt with; the stream goes on right after it.',
    schema: { type: 'string', pattern: '^[\\w-]{91}$' },
    example: 'A'.repeat(91),
  },
  RequestId: {
    name: 'X-Request-ID',
    in: 'header',
    description: 'Your id for this request, carried into the logs; one is made when it is absent.',
    schema: ascii('\\x21', 128),
    example: 'my-request-1',
  },
}

const offered = Object.fromEntries(Object.entries(PARAMETERS).map(([name, part]) => [name, withoutBait(part)]))

/** Of the named parts only those that something refers to: a reader should not wonder where the others are used. */
const usedParameters = (paths: unknown): JsonObject => used(paths, 'parameters', offered)
const usedHeaders = (paths: unknown): JsonObject => used(paths, 'headers', HEADERS)

function used(paths: unknown, kind: string, parts: Readonly<Record<string, JsonObject>>): JsonObject {
  const text = JSON.stringify(paths)
  return Object.fromEntries(Object.entries(parts).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`)))
}
