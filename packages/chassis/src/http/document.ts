import { type Contract, operationsOf } from '@abasto/contract/contract'
import { PAGE_SIZE } from '@abasto/contract/query'
import { attributesIn, type Resource } from '@abasto/contract/resource'
import type { Page } from '@abasto/kernel'
import type { Entity } from './binding.ts'
import { encodeCursor } from './cursor.ts'

/** Writes entities as JSON:API resources, with the links that the given services answer. */
export type Renderer = Readonly<{
  /** The address of the entity itself, where it has one. */
  selfLink: (entity: Entity) => string | undefined
  /** A document whose primary data is one resource, or none. */
  resource: (entity: Entity | null, self: string, included?: readonly Entity[]) => string
  collection: (page: Page<Entity>, self: string, links: PageLinks) => string
  /** A document whose primary data is the linkage of a relationship. */
  linkage: (entity: Entity, relationship: string, self: string) => string
}>

export type PageLinks = Readonly<{ prev: string | null; next: string | null }>

/** An address with one id in it, in two halves. */
type Template = readonly [before: string, after: string]

type Shape = Readonly<{
  attributes: readonly string[]
  relationships: readonly Readonly<{ name: string; to: string; self?: Template; related?: Template }>[]
  self?: Template
}>

const JSONAPI = { version: '1.1' } as const
const DESCRIBED_BY = '/openapi.json'

export function createRenderer(contract: Contract, services: readonly string[]): Renderer {
  const shapes = new Map(
    Object.values(contract.resources).map((resource) => [resource.type, shapeOf(contract, services, resource)]),
  )
  const shape = (type: string): Shape => {
    const known = shapes.get(type)
    if (!known) throw new Error(`The contract has no resource of the type ${type}.`)
    return known
  }

  const resourceObject = (entity: Entity) => {
    const known = shape(entity.type)
    const attributes: Record<string, unknown> = {}
    for (const name of known.attributes) attributes[name] = entity.attributes[name]
    const object: Record<string, unknown> = { type: entity.type, id: entity.id, attributes }
    if (known.relationships.length > 0) object.relationships = relationshipsOf(known, entity)
    if (known.self) object.links = { self: fill(known.self, entity.id) }
    return object
  }

  return {
    selfLink: (entity) => {
      const { self } = shape(entity.type)
      return self && fill(self, entity.id)
    },

    resource: (entity, self, included) =>
      JSON.stringify({
        jsonapi: JSONAPI,
        links: { self, describedby: DESCRIBED_BY },
        data: entity && resourceObject(entity),
        included: included && distinct(included, entity).map(resourceObject),
      }),

    collection: (page, self, { prev, next }) =>
      JSON.stringify({
        jsonapi: JSONAPI,
        links: { self, describedby: DESCRIBED_BY, prev, next },
        data: page.items.map(resourceObject),
      }),

    linkage: (entity, name, self) => {
      const relationship = shape(entity.type).relationships.find((relationship) => relationship.name === name)
      if (!relationship) throw new Error(`The type ${entity.type} has no relationship ${name}.`)
      const related = relationship.related && fill(relationship.related, entity.id)
      return JSON.stringify({
        jsonapi: JSONAPI,
        links: { self, related, describedby: DESCRIBED_BY },
        data: identifier(relationship.to, entity.relationships?.[name]),
      })
    },
  }
}

/** `prev` and `next` of a page: always present, null when there is nothing (cursor pagination profile). */
export function pageLinks(page: Page<Entity>, path: string, size: number): PageLinks {
  const sized = size === PAGE_SIZE.default ? '' : `page%5Bsize%5D=${size}`
  const link = (cursor = '') => {
    const parameters = [sized, cursor].filter((part) => part !== '')
    return parameters.length === 0 ? path : `${path}?${parameters.join('&')}`
  }
  const first = page.items[0]
  const last = page.items.at(-1)
  const position = (entity: Entity) => encodeCursor(entity.cursor ?? entity.id)
  // An empty page has no item to begin from. What follows one that was asked for with page[before] is the first page.
  const following = last ? link(`page%5Bafter%5D=${position(last)}`) : link()
  return {
    prev: page.hasPrevious && first ? link(`page%5Bbefore%5D=${position(first)}`) : null,
    next: page.hasNext ? following : null,
  }
}

const fill = ([before, after]: Template, id: string): string => before + id + after

const identifier = (type: string, id: string | null | undefined) => (id == null ? null : { type, id })

function relationshipsOf(shape: Shape, entity: Entity) {
  const relationships: Record<string, unknown> = {}
  for (const { name, to, self, related } of shape.relationships) {
    const data = identifier(to, entity.relationships?.[name])
    relationships[name] =
      self || related
        ? { data, links: { self: self && fill(self, entity.id), related: related && fill(related, entity.id) } }
        : { data }
  }
  return relationships
}

/** No resource stands twice in a compound document (JSON:API 1.1, section 7.4). */
function distinct(included: readonly Entity[], primary: Entity | null): Entity[] {
  const seen = new Set(primary ? [`${primary.type} ${primary.id}`] : [])
  return included.filter((entity) => {
    const name = `${entity.type} ${entity.id}`
    if (seen.has(name)) return false
    seen.add(name)
    return true
  })
}

function shapeOf(contract: Contract, services: readonly string[], resource: Resource): Shape {
  const operations = operationsOf(contract, services).filter((operation) => operation.resource === resource.type)
  const template = (action: string, relationship?: string): Template | undefined => {
    const found = operations.find((operation) => operation.action === action && operation.relationship === relationship)
    if (!found) return undefined
    const [before = '', after = ''] = (contract.basePath + found.path).split(/\{\w+\}/)
    return [before, after]
  }
  const optional = <K extends string>(name: K, value: Template | undefined) =>
    (value ? { [name]: value } : {}) as { [P in K]?: Template }
  return {
    attributes: attributesIn(resource, 'read').map(([name]) => name),
    relationships: Object.entries(resource.relationships).map(([name, { to }]) => ({
      name,
      to,
      ...optional('self', template('linkage', name)),
      ...optional('related', template('related', name)),
    })),
    ...optional('self', template('read')),
  }
}
