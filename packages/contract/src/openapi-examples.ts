import type { Contract } from './contract.ts'
import { exampleId } from './example-id.ts'
import type { JsonObject } from './openapi-schemas.ts'
import type { Operation } from './operation.ts'
import { attributesIn, type Resource } from './resource.ts'
import type { Submission } from './submission.ts'

/** The id of a resource in examples. */
export const exampleIdOf = ({ type, idOf = [type] }: Resource): string => idOf.map(exampleId).join('.')

/** The document that an operation takes, made of the examples of the attributes; the server accepts it. */
export function submissionExample({
  resource,
  document,
  example,
}: Pick<Submission, 'resource' | 'document' | 'example'>): JsonObject {
  const attributes = attributesIn(resource, document).map(([name, { example }]) => [name, example])
  const relationships = Object.entries(resource.relationships)
    .filter(([, { create }]) => document === 'create' && create !== undefined)
    .map(([name, { to }]) => [name, { data: { type: to, id: exampleId(to) } }])
  return {
    data: {
      type: resource.type,
      ...(document === 'update' || resource.clientIds ? { id: exampleIdOf(resource) } : {}),
      attributes: example ?? Object.fromEntries(attributes),
      ...(relationships.length > 0 ? { relationships: Object.fromEntries(relationships) } : {}),
    },
  }
}

/** The address of an operation with the id of an example in it. */
const addressOf = (contract: Contract, { path, resource }: Operation): string =>
  contract.basePath + path.replace(/\{\w+\}/, exampleIdOf(contract.resources[resource]!))

/** A resource object as the server shows it; with some of its attributes only, where they are named. */
export function resourceExample(
  contract: Contract,
  operations: readonly Operation[],
  resource: Resource,
  shown?: readonly string[],
): JsonObject {
  const id = exampleIdOf(resource)
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
    attributes: Object.fromEntries(
      attributesIn(resource, 'read')
        .filter(([name]) => shown?.includes(name) ?? true)
        .map(([name, { example }]) => [name, example]),
    ),
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

const EXAMPLES: JsonObject = {
  productId: exampleId('products'),
  warehouseId: exampleId('warehouses'),
  id: exampleId('reservations'),
  sku: 'LAMP-1',
  requested: 5,
  available: 3,
}
