import type { Contract } from './contract.ts'
import { resourceExample, submissionExample } from './openapi-examples.ts'
import type { Operation, Parameter } from './operation.ts'
import { type Attribute, attributesIn, type Relationship, type Resource } from './resource.ts'
import { UUID, uuid } from './schemas.ts'
import type { Submission } from './submission.ts'

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

/** The id of a resource: a UUID, or several of them with dots between. */
export function idSchema({ idOf = [] }: Pick<Resource, 'idOf'>, description: string): JsonObject {
  if (idOf.length === 0) return { ...plain(uuid), description }
  return { type: 'string', pattern: `^${idOf.map(() => UUID).join('\\.')}$`, description }
}

const link = (description: string): JsonObject => ({ type: 'string', format: 'uri-reference', description })

const jsonapi = (): JsonObject => object({ version: { const: '1.1' } }, ['version'])

const identifier = (to: string): JsonObject =>
  object({ type: { const: to }, id: idSchema({}, 'The id of the resource that is named.') }, ['type', 'id'])

const linkage = ({ to, nullable }: Relationship): JsonObject =>
  nullable ? { oneOf: [identifier(to), { type: 'null' }] } : identifier(to)

/** The resource object of an answer; with some of its attributes only, where they are named. */
function resourceSchema(
  contract: Contract,
  operations: readonly Operation[],
  resource: Resource,
  shown?: readonly string[],
): JsonObject {
  const attributes = attributesIn(resource, 'read').filter(([name]) => shown?.includes(name) ?? true)
  const relationships = Object.entries(resource.relationships)
  const hasSelf = operations.some(({ action, resource: type }) => action === 'read' && type === resource.type)
  const properties: JsonObject = {
    type: { const: resource.type },
    id: idSchema(resource, `The id of the ${wordsOf(resource.name)}.`),
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
    examples: [resourceExample(contract, operations, resource, shown)],
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

/** `StockLevel` in words: `stock level`. */
export const wordsOf = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()

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

/** The document that an operation takes. */
export function submissionSchema(submission: Submission): JsonObject {
  const { resource, document } = submission
  const strict = { additionalProperties: false }
  const attributes = attributesIn(resource, document)
  const relationships =
    document === 'create' ? Object.entries(resource.relationships).filter(([, { create }]) => create) : []
  const needed = attributes.filter(([, value]) => value[document] === 'required').map(([name]) => name)
  const neededRelationships = relationships.filter(([, { create }]) => create === 'required').map(([name]) => name)

  const data: JsonObject = { type: { const: resource.type } }
  if (document === 'update') data.id = idSchema(resource, 'The id of the address.')
  else if (resource.clientIds) data.id = idSchema(resource, 'An id of your choice; the server gives one if you do not.')
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
  if (document === 'update') required.push('id')
  if (needed.length > 0) required.push('attributes')
  if (neededRelationships.length > 0) required.push('relationships')
  return object({ data: object(data, required) }, ['data'], { examples: [submissionExample(submission)] })
}

/** The document of an answer with data. */
export function answerSchema(
  contract: Contract,
  operations: readonly Operation[],
  schemas: Schemas,
  operation: Operation,
) {
  const of = (resource: Resource, { name, attributes }: Partial<Parameter> = {}) =>
    schemas.ref(name ?? resource.name, () => resourceSchema(contract, operations, resource, attributes))
  const resource = contract.resources[operation.resource]!
  const relation = operation.relationship ? resource.relationships[operation.relationship] : undefined
  // What is kept nowhere cannot be fetched again.
  const self = operation.action === 'command' ? {} : { self: link('This document.') }
  const links: JsonObject = { ...self, describedby: link('The OpenAPI document.') }
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
  const included = includedIn(contract, resource, of)
  const whole = schemas.ref(`${resource.name}Document`, () => members(of(resource), included))
  const others = Object.values(operation.parameters ?? {}).map((parameter) =>
    schemas.ref(`${parameter.name}Document`, () => members(of(resource, parameter), included)),
  )
  return others.length === 0 ? whole : { anyOf: [whole, ...others] }
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
