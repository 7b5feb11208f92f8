import type { ResourceIdentifier } from './result.ts'
import { type Acts, linkedMembers, type Resources } from './types.gen.ts'

export type ResourceType = keyof Resources

/** A resource as it stands in a JSON:API document. */
type ResourceObject = {
  type: string
  id: string
  attributes?: Record<string, unknown>
  relationships?: Record<string, { data?: { type: string; id: string } | null }>
}

/** What the body of an answer must be: one resource, a list of them, nothing (204), or errors. */
export type Shape = 'one' | 'many' | 'none' | 'errors'

/** A JSON:API document, as far as the SDK looks at it. */
export type Document = {
  errors?: { code?: string }[]
  data?: ResourceObject | ResourceObject[] | null
  included?: ResourceObject[]
  links?: Record<string, string | { href: string } | null>
}

/** Writes the document of a create, of an update (with its `id`), or of an act on a resource. */
export function writeDocument(type: ResourceType | Acts[keyof Acts]['type'], input: object, id?: string): string {
  const linked = (linkedMembers as Record<string, Record<string, readonly [name: string, type: string]>>)[type] ?? {}
  const attributes: Record<string, unknown> = {}
  let relationships: Record<string, unknown> | undefined
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined) continue
    // Own members only: a member called "constructor" is an attribute that the server refuses.
    const link = Object.hasOwn(linked, member) ? linked[member] : undefined
    if (link === undefined) attributes[member] = value
    else {
      relationships ??= {}
      relationships[link[0]] = { data: value === null ? null : { type: link[1], id: value } }
    }
  }
  return JSON.stringify({ data: { type, id, attributes, relationships } })
}

const NOTHING: Document = {}

/** Reads the body of an answer; undefined when it is not what it must be, such as a page of HTML. */
export function readDocument(text: string, shape: Shape): Document | undefined {
  if (text === '') return shape === 'none' ? NOTHING : undefined
  try {
    const document = JSON.parse(text) as Document | null
    if (typeof document !== 'object' || document === null) return undefined
    const { data, errors } = document
    if (shape === 'errors') return Array.isArray(errors) ? document : undefined
    if (shape === 'many') return Array.isArray(data) ? document : undefined
    if (shape === 'one') return data && !Array.isArray(data) ? document : undefined
    return document
  } catch {
    return undefined
  }
}

/** The one resource of a document in flat form, with what `include` asked for. */
export function readOne<T>(document: Document, etag: string | null, include?: readonly string[]): T {
  const flat = flatten(document.data as ResourceObject)
  if (etag !== null) flat.etag = etag
  if (include?.length) attach(flat, document, include, indexOf(document.included))
  return flat as T
}

/** What a linkage leads to. */
export function readIdentifier<Type extends ResourceType>({ data }: Document): ResourceIdentifier<Type> {
  const { type, id } = data as ResourceObject
  return { type, id } as ResourceIdentifier<Type>
}

/** The resources of a collection in flat form, with what `include` asked for. */
export function readMany<T>(document: Document, include?: readonly string[]): T[] {
  const resources = document.data as ResourceObject[]
  if (!include?.length) return resources.map(flatten) as T[]
  const included = indexOf(document.included)
  return resources.map((resource) => {
    const flat = flatten(resource)
    attach(flat, { data: resource }, include, included)
    return flat
  }) as T[]
}

/** The cursor that a page link carries, or `null` when there is no such page. */
export function cursorIn(document: Document, link: 'next' | 'prev'): string | null {
  const target = document.links?.[link]
  const href = typeof target === 'object' ? target?.href : target
  if (!href) return null
  // Only the cursor is taken: behind a proxy the address in the link need not be the one that this client uses.
  const query = new URLSearchParams(href.slice(href.indexOf('?') + 1))
  return query.get(link === 'next' ? 'page[after]' : 'page[before]')
}

function flatten(resource: ResourceObject): Record<string, unknown> {
  const flat: Record<string, unknown> = { type: resource.type, id: resource.id, ...resource.attributes }
  const relationships = resource.relationships
  for (const name in relationships) {
    const linkage = relationships[name]?.data
    if (linkage !== undefined) flat[`${name}Id`] = linkage === null ? null : linkage.id
  }
  return flat
}

type Included = ReadonlyMap<string, ResourceObject>

const indexOf = (included: ResourceObject[] = []): Included =>
  new Map(included.map((resource) => [`${resource.type} ${resource.id}`, resource]))

function attach(flat: Record<string, unknown>, { data }: Document, include: readonly string[], included: Included) {
  for (const name of include) {
    const linkage = (data as ResourceObject).relationships?.[name]?.data
    const resource = linkage ? included.get(`${linkage.type} ${linkage.id}`) : undefined
    flat[name] = resource ? flatten(resource) : null
  }
}
