import type { Contract } from './contract.ts'
import type { JsonObject } from './openapi-schemas.ts'
import type { Operation } from './operation.ts'
import { attributesIn, type Resource } from './resource.ts'

/** An id for examples, made from the type: the same thing has the same id wherever it is shown. */
export function exampleId(type: string): string {
  const number = [...type].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1_000_000, 7)
  return `019b76da-a800-7000-8000-${String(number).padStart(12, '0')}`
}

/** The document of a create or an update, made of the examples of the attributes; the server accepts it. */
export function submissionExample(resource: Resource, action: 'create' | 'update'): JsonObject {
  const attributes = attributesIn(resource, action).map(([name, { example }]) => [name, example])
  const relationships = Object.entries(resource.relationships)
    .filter(([, { create }]) => action === 'create' && create !== undefined)
    .map(([name, { to }]) => [name, { data: { type: to, id: exampleId(to) } }])
  return {
    data: {
      type: resource.type,
      ...(action === 'update' ? { id: exampleId(resource.type) } : {}),
      attributes: Object.fromEntries(attributes),
      ...(relationships.length > 0 ? { relationships: Object.fromEntries(relationships) } : {}),
    },
  }
}

/** The address of an operation with the id of an example in it. */
const addressOf = (contract: Contract, { path, resource }: Operation): string =>
  contract.basePath + path.replace(/\{\w+\}/, exampleId(resource))

/** A resource object as the server shows it. */
export function resourceExample(contract: Contract, operations: readonly Operation[], resource: Resource): JsonObject {
  const id = exampleId(resource.type)
  const address = (action: Operation['action'], relationship?: string) => {
    const found = operations.find(
      (operation) =>
        operation.action === action && operation.resource === resource.type && operation.relationship === relationship,
    )
    return found && addressOf(contract, found)
  }
  const relationships = Object.entries(resource.relationships).map(([name, { to }]) => {
    const self = address('linkage', name)
    const related = address('related', name)
    const links = { ...(self ? { self } : {}), ...(related ? { related } : {}) }
    const data = { type: to, id: exampleId(to) }
    return [name, self || related ? { data, links } : { data }]
  })
  const self = address('read')
  return {
    type: resource.type,
    id,
    attributes: Object.fromEntries(attributesIn(resource, 'read').map(([name, { example }]) => [name, example])),
    ...(relationships.length > 0 ? { relationships: Object.fromEntries(relationships) } : {}),
    ...(self ? { links: { self } } : {}),
  }
}

/** The document of an error. */
export const errorExample = (contract: Contract, code: string): JsonObject => {
  const { status, title, meta } = contract.failures[code]!
  const details = Object.entries(meta ?? {}).map(([name, kind]) => [
    name,
    EXAMPLES[name] ?? (kind === 'number' ? 3 : 'text'),
  ])
  return {
    jsonapi: { version: '1.1' },
    errors: [
      {
        status: String(status),
        code,
        title,
        detail: `${title}.`,
        meta: { ...Object.fromEntries(details), requestId: exampleId('requests') },
      },
    ],
  }
}

const EXAMPLES: JsonObject = { productId: exampleId('products'), sku: 'LAMP-1', requested: 5, available: 3 }
