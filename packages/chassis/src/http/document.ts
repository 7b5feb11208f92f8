import { type Contract, operationsOf } from '@abasto/contract/contract'
import { PAGE_SIZE } from '@abasto/contract/query'
import { attributesIn, type Resource } from '@abasto/contract/resource'
import type { Page } from '@abasto/kernel'
import { jsonText, quoted } from '../json-text.ts'
import type { Entity } from './binding.ts'
import { encodeCursor } from './cursor.ts'
import type { Query } from './query.ts'

/** Writes entities as JSON:API resources, with the links that the given services answer. */
export type Renderer = Readonly<{
  /** The address of the entity itself, where it has one. */
  selfLink: (entity: Entity) => string | undefined
  /** A document whose primary data is one resource, or none. Without a `self` it can be fetched nowhere. */
  resource: (entity: Entity | null, self: string | undefined, included?: readonly Entity[]) => string
  collection: (page: Page<Entity>, self: string, links: PageLinks, included?: readonly Entity[]) => string
  /** A document whose primary data is the linkage of a relationship. */
  linkage: (entity: Entity, relationship: string, self: string) => string
}>

export type PageLinks = Readonly<{ prev: string | null; next: string | null }>

/** An address with one id in it, in two halves. */
type Template = readonly [before: string, after: string]

/** A member's name, and the same as it begins in a document: `"price":`. */
type Member = Readonly<{ name: string; member: string }>

type Shape = Readonly<{
  attributes: readonly Member[]
  relationships: readonly (Member & Readonly<{ to: string; self?: Template; related?: Template }>)[]
  self?: Template
}>

const OPENING = '{"jsonapi":{"version":"1.1"},"links":{'
const DESCRIBED_BY = '"describedby":"/openapi.json"'

export function createRenderer(contract: Contract, services: readonly string[]): Renderer {
  const shapes = new Map(
    Object.values(contract.resources).map((resource) => [resource.type, shapeOf(contract, services, resource)]),
  )
  const shape = (type: string): Shape => {
    const known = shapes.get(type)
    if (!known) throw new Error(`The contract has no resource of the type ${type}.`)
    return known
  }

  // Documents are written as text: building objects only to print them took a third of the time of a small request.
  const written = new WeakMap<Entity, string>()
  const resource = (entity: Entity): string => {
    const known = written.get(entity)
    if (known !== undefined) return known
    const text = resourceText(shape(entity.type), entity)
    written.set(entity, text)
    return text
  }

  const compound = (included: readonly Entity[] | undefined, primary: readonly Entity[]): string =>
    included ? `,"included":[${distinct(included, primary).map(resource).join(',')}]` : ''

  return {
    selfLink: (entity) => {
      const { self } = shape(entity.type)
      return self && fill(self, entity.id)
    },

    resource: (entity, self, included) => {
      const data = entity ? resource(entity) : 'null'
      const more = compound(included, entity ? [entity] : [])
      const links = self === undefined ? DESCRIBED_BY : `"self":${quoted(self)},${DESCRIBED_BY}`
      return `${OPENING}${links}},"data":${data}${more}}`
    },

    collection: ({ items }, self, { prev, next }, included) => {
      const links = `"self":${quoted(self)},${DESCRIBED_BY},"prev":${jsonText(prev)},"next":${jsonText(next)}`
      const more = compound(included, items)
      return `${OPENING}${links}},"data":[${items.map(resource).join(',')}]${more}}`
    },

    linkage: (entity, name, self) => {
      const relationship = shape(entity.type).relationships.find((relationship) => relationship.name === name)
      if (!relationship) throw new Error(`The type ${entity.type} has no relationship ${name}.`)
      const related = relationship.related ? `"related":"${fill(relationship.related, entity.id)}",` : ''
      const data = identifier(relationship.to, entity.relationships?.[name])
      return `${OPENING}"self":${quoted(self)},${related}${DESCRIBED_BY}},"data":${data}}`
    },
  }
}

/** `prev` and `next` of a page: always present, null when there is nothing (cursor pagination profile). */
export function pageLinks(page: Page<Entity>, path: string, query: Query): PageLinks {
  const { size } = query.page
  const kept: string[] = []
  if (query.includes) kept.push(`include=${query.include.join(',')}`)
  for (const [name, values] of Object.entries(query.filters)) {
    kept.push(`filter%5B${name}%5D=${values.map(encodeURIComponent).join(',')}`)
  }
  if (size !== PAGE_SIZE.default) kept.push(`page%5Bsize%5D=${size}`)
  const link = (...cursor: string[]) => {
    const parameters = [...kept, ...cursor].join('&')
    return parameters === '' ? path : `${path}?${parameters}`
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

/** Neither half nor an id holds anything that JSON would have to escape. */
const fill = ([before, after]: Template, id: string): string => before + id + after

const identifier = (type: string, id: string | null | undefined): string =>
  id == null ? 'null' : `{"type":${quoted(type)},"id":${quoted(id)}}`

function resourceText(shape: Shape, entity: Entity): string {
  let attributes = ''
  for (const { name, member } of shape.attributes) {
    const value = entity.attributes[name]
    if (value !== undefined) attributes += `${attributes === '' ? '' : ','}${member}${jsonText(value)}`
  }
  let text = `{"type":${quoted(entity.type)},"id":${quoted(entity.id)},"attributes":{${attributes}}`
  if (shape.relationships.length > 0) text += `,"relationships":{${relationshipsText(shape, entity)}}`
  if (shape.self) text += `,"links":{"self":"${fill(shape.self, entity.id)}"}`
  return `${text}}`
}

function relationshipsText(shape: Shape, entity: Entity): string {
  let text = ''
  for (const { name, member, to, self, related } of shape.relationships) {
    const links: string[] = []
    if (self) links.push(`"self":"${fill(self, entity.id)}"`)
    if (related) links.push(`"related":"${fill(related, entity.id)}"`)
    const data = `${member}{"data":${identifier(to, entity.relationships?.[name])}`
    text += `${text === '' ? '' : ','}${data}${links.length > 0 ? `,"links":{${links.join(',')}}` : ''}}`
  }
  return text
}

/** No resource stands twice in a compound document (JSON:API 1.1, section 7.4). */
function distinct(included: readonly Entity[], primary: readonly Entity[]): Entity[] {
  const name = ({ type, id }: Entity) => `${type} ${id}`
  const seen = new Set(primary.map(name))
  return included.filter((entity) => !seen.has(name(entity)) && seen.add(name(entity)))
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
    attributes: attributesIn(resource, 'read').map(([name]) => memberOf(name)),
    relationships: Object.entries(resource.relationships).map(([name, { to }]) => ({
      ...memberOf(name),
      to,
      ...optional('self', template('linkage', name)),
      ...optional('related', template('related', name)),
    })),
    ...optional('self', template('read')),
  }
}

const memberOf = (name: string): Member => ({ name, member: `${quoted(name)}:` })
