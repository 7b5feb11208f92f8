import { Compile } from 'typebox/compile'

// biome-ignore lint/suspicious/noExplicitAny: a document of another's making is read as it comes.
type Json = any

/** One operation as a reader of the document finds it, with every reference followed. */
export type DocumentedOperation = Readonly<{
  id: string
  method: string
  path: string
  parameters: readonly Readonly<{ name: string; in: 'path' | 'query' | 'header'; example: Json; explode?: boolean }>[]
  /** The examples of the document that it takes; none when it takes no document. */
  examples: readonly Json[]
  /** What is wrong with an answer, by the document; empty when nothing is. */
  faultsOf: (status: number, body: Json) => string[]
}>

/** Reads the operations out of an OpenAPI document, and nothing out of the contract that it was printed from. */
export function operationsIn(document: Json): DocumentedOperation[] {
  const resolve = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(resolve)
    if (typeof value !== 'object' || value === null) return value
    if (typeof value.$ref === 'string') return resolve(targetOf(document, value.$ref))
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolve(member)]))
  }
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, printed]): DocumentedOperation => {
      const { operationId: id, parameters, requestBody, responses } = resolve(printed)
      const schema = requestBody?.content['application/vnd.api+json'].schema
      return {
        id,
        method: method.toUpperCase(),
        path,
        parameters: parameters.map((each: Json) => ({ ...each, example: each.example ?? each.schema.examples[0] })),
        examples: schema?.examples ?? [],
        faultsOf: (status, body) => faultsOf(responses[status], body),
      }
    }),
  )
}

const targetOf = (document: Json, ref: string): Json =>
  ref
    .slice('#/'.length)
    .split('/')
    .reduce((part, name) => part[name], document)

function faultsOf(response: Json, body: Json): string[] {
  if (!response) return ['the document knows no such status']
  const schema = response.content?.['application/vnd.api+json'].schema
  if (!schema) return body === undefined ? [] : ['the document says that there is no body']
  const validator = Compile(schema)
  if (validator.Check(body)) return []
  return [...validator.Errors(body)].map(({ instancePath, message }) => `${instancePath} ${message}`)
}
