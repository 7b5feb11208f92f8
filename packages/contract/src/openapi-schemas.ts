import type { Contract } from './contract.ts'
import { resourceExample, submissionExample } from './openapi-examples.ts'
import type { Operation } from './operation.ts'
import { type Attribute, attributesIn, type Relationship, type Resource } from './resource.ts'
import { uuid } from './schemas.ts'

export type JsonObject = { [name: string]: unknown }

/** Named schemas of a document under construction: only what something refers to is printed. */
export type Schemas = Readonly<{
  ref: (name: string, make: () => JsonObject) => JsonObject
  printed: () => JsonObject
}>

export function createSchemas(): Schemas {
  const made = new Map<string, JsonObject>()
  return {
    ref: (name, make) => {
      if (!made.has(name)) {
        made.set(name, {})
        made.set(name, make())
      }
      return { $ref: `#/components/schemas/${name}` }
    },
    printed: () => Object.fromEntries([...made].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** Plain JSON Schema: what the schema library adds for itself does not survive JSON. */
export const plain = (schema: unknown): JsonObject => JSON.parse(JSON.stringify(schema)) as JsonObject

export const object = (properties: JsonObject, required: readonly string[], more: JsonObject = {}): JsonObject => ({
  type: 'object',
  ...(required.length > 0 ? { required: [...required] } : {}),
  properties,
  ...more,
})

const attribute = ({ schema, description, example }: Attribute): JsonObject => ({
  ...plain(schema),
  description,
  examples: [example],
})

export const uuidSchema = (description: string): JsonObject => ({ ...plain(uuid), description })

const link = (description: string): JsonObject => ({ type: 'string', format: 'uri-reference', description })

const jsonapi = (): JsonObject => object({ version: { const: '1.1' } }, ['version'])

const identifier = (to: string): JsonObject =>
  object({ type: { const: to }, id: uuidSchema('The id of the resource that is named.') }, ['type', 'id'])

const linkage = ({ to, nullable }: Relationship): JsonObject =>
  nullable ? { oneOf: [identifier(to), { type: 'null' }] } : identifier(to)

/** The resource object of an answer. */
function resourceSchema(contract: Contract, operations: readonly Operation[], resource: Resource): JsonObject {
  const attributes = attributesIn(resource, 'read')
  const relationships = Object.entries(resource.relationships)
  const hasSelf = operations.some(({ action, resource: type }) => action === 'read' && type === resource.type)
  const properties: JsonObject = {
    type: { const: resource.type },
    id: uuidSchema(`The id of the ${resource.name.toLowerCase()}.`),
    attributes: object(
      Object.fromEntries(attributes.map(([name, value]) => [name, attribute(value)])),
      attributes.map(([name]) => name),
    ),
  }
  if (relationships.length > 0) {
    properties.relationships = object(
      Object.fromEntries(relationships.map(([name, value]) => [name, relationship(operations, resource, name, value)])),
      relationships.map(([name]) => name),
    )
  }
  if (hasSelf) properties.links = object({ self: link('Where it can be read.') }, ['self'])
  return object(properties, Object.keys(properties), {
    title: resource.name,
    description: resource.description,
    examples: [resourceExample(contract, operations, resource)],
  })
}

function relationship(
  operations: readonly Operation[],
  resource: Resource,
  name: string,
  value: Relationship,
): JsonObject {
  const has = (action: Operation['action']) => isServed(operations, resource, name, action)
  const links: JsonObject = {
    ...(has('linkage') ? { self: link('Where the linkage can be read.') } : {}),
    ...(has('related') ? { related: link('Where the related resource can be read.') } : {}),
  }
  const properties: JsonObject = { data: linkage(value) }
  const names = Object.keys(links)
  if (names.length > 0) properties.links = object(links, names)
  return object(properties, Object.keys(properties), { description: value.description })
}

const isServed = (
  operations: readonly Operation[],
  resource: Resource,
  relationship: string,
  action: Operation['action'],
): boolean =>
  operations.some(
    (operation) =>
      operation.action === action && operation.resource === resource.type && operation.relationship === relationship,
  )

/** The document of a create or an update. */
export function submissionSchema(resource: Resource, action: 'create' | 'update'): JsonObject {
  const strict = { additionalProperties: false }
  const attributes = attributesIn(resource, action)
  const relationships =
    action === 'create' ? Object.entries(resource.relationships).filter(([, { create }]) => create) : []
  const needed = attributes.filter(([, value]) => value[action] === 'required').map(([name]) => name)
  const neededRelationships = relationships.filter(([, { create }]) => create === 'required').map(([name]) => name)

  const data: JsonObject = { type: { const: resource.type } }
  if (action === 'update') data.id = uuidSchema('The id of the address.')
  data.attributes = object(
    Object.fromEntries(attributes.map(([name, value]) => [name, attribute(value)])),
    needed,
    strict,
  )
  if (relationships.length > 0) {
    const named = relationships.map(([name, value]) => {
      return [name, object({ data: linkage(value) }, ['data'], { description: value.description })] as const
    })
    data.relationships = object(Object.fromEntries(named), neededRelationships, strict)
  }
  const required = ['type']
  if (action === 'update') required.push('id')
  if (needed.length > 0) required.push('attributes')
  if (neededRelationships.length > 0) required.push('relationships')
  return object({ data: object(data, required) }, ['data'], {
    examples: [submissionExample(resource, action)],
  })
}

/** The document of an answer with data. */
export function answerSchema(
  contract: Contract,
  operations: readonly Operation[],
  schemas: Schemas,
  operation: Operation,
) {
  const of = (resource: Resource) => schemas.ref(resource.name, () => resourceSchema(contract, operations, resource))
  const resource = contract.resources[operation.resource]!
  const relation = operation.relationship ? resource.relationships[operation.relationship] : undefined
  const links: JsonObject = { self: link('This document.'), describedby: link('The OpenAPI document.') }
  const members = (data: JsonObject, more: JsonObject = {}, moreLinks: JsonObject = {}): JsonObject =>
    object(
      {
        jsonapi: jsonapi(),
        links: object({ ...links, ...moreLinks }, Object.keys({ ...links, ...moreLinks })),
        data,
        ...more,
      },
      ['jsonapi', 'links', 'data'],
    )

  if (operation.action === 'list') {
    const turn = (description: string): JsonObject => ({ ...link(description), type: ['string', 'null'] })
    const turns = { prev: turn('The page before, or null.'), next: turn('The page after, or null.') }
    return schemas.ref(`${resource.name}Collection`, () =>
      members({ type: 'array', items: of(resource) }, includedIn(contract, resource, of), turns),
    )
  }
  if (operation.action === 'related' && relation) {
    const related = contract.resources[relation.to]!
    return schemas.ref(`${resource.name}${related.name}Document`, () =>
      members(relation.nullable ? { oneOf: [of(related), { type: 'null' }] } : of(related)),
    )
  }
  if (operation.action === 'linkage' && relation) {
    return schemas.ref(`${resource.name}${contract.resources[relation.to]?.name ?? relation.to}Linkage`, () =>
      members(linkage(relation), {}, { related: link('Where the related resource can be read.') }),
    )
  }
  return schemas.ref(`${resource.name}Document`, () => members(of(resource), includedIn(contract, resource, of)))
}

/** The member that `include` asks for, where the resource has anything to include. */
function includedIn(contract: Contract, resource: Resource, of: (resource: Resource) => JsonObject): JsonObject {
  const includable = Object.values(resource.relationships).filter((relationship) => relationship.includable)
  const [first, ...others] = includable.map(({ to }) => of(contract.resources[to]!))
  if (!first) return {}
  const items = others.length === 0 ? first : { oneOf: [first, ...others] }
  const description = 'What `include` asked for; there exactly when it was asked for.'
  return { included: { type: 'array', items, description } }
}
