import type { TSchema } from 'typebox'

/** One attribute of a resource: its shape, and in which documents it stands. */
export type Attribute = Readonly<{
  schema: TSchema
  /** Its meaning in the shop, with the unit where there is one. */
  description: string
  /** A value that the server accepts; printed into the OpenAPI document and sent to the server by a test. */
  example: unknown
  /** How it looks in the documents that are sent, where it is shown otherwise. */
  taken?: Readonly<{ schema: TSchema; example: unknown }>
  /** Whether a create takes it; absent: it does not. */
  create?: 'required' | 'optional'
  /** Whether an update takes it; absent: it does not. */
  update?: 'required' | 'optional'
  /** `false` for what is only ever sent and never shown, such as a change of quantity. */
  read?: false
}>

/** A to-one relationship; its linkage is always present. */
export type Relationship = Readonly<{
  /** The type of the related resource. */
  to: string
  description: string
  /** Whether a create takes it; absent: it does not. */
  create?: 'required' | 'optional'
  /** Whether it may be `null`. */
  nullable?: true
  /** Whether `include` may name it. */
  includable?: true
}>

/** One resource of the public API (JSON:API 1.1, section 7.2). */
export type Resource = Readonly<{
  /** The JSON:API type: plural, kebab-case. */
  type: string
  /** The name of one of them in types and documents: `Product`. */
  name: string
  description: string
  /** The types whose ids its id is made of, with dots between them; absent: it is a UUID. */
  idOf?: readonly string[]
  /** Whether whoever creates one may choose its id, a UUID (JSON:API 1.1, section 9.1.1). */
  clientIds?: true
  attributes: Readonly<Record<string, Attribute>>
  relationships: Readonly<Record<string, Relationship>>
}>

export const resource = <const R extends Resource>(definition: R): R => definition

/**
 * What is done to a resource at an address below it. Its document looks like one that creates a resource: `type` is the
 * name of the act, and its attributes say how it is done. Where all of them may be left out, so may the document.
 */
export type Act = Readonly<{
  type: string
  /** The name of what it takes in types and documents: `ReservationCommit`. */
  name: string
  description: string
  attributes: Readonly<Record<string, Attribute>>
  /** Whether it says nothing without a document, although each of its attributes may be left out. */
  needsDocument?: true
  /** The attributes of a document that the server accepts, where their examples do not go together. */
  example?: Readonly<Record<string, unknown>>
}>

export const act = <const A extends Act>(definition: A): A => definition

/** The attributes that a document of the given kind may carry, in the order of the definition. */
export function attributesIn(
  resource: Pick<Resource, 'attributes'>,
  document: 'read' | 'create' | 'update',
): [string, Attribute][] {
  const attributes = Object.entries(resource.attributes)
  if (document === 'read') return attributes.filter(([, attribute]) => attribute.read !== false)
  return attributes
    .filter(([, attribute]) => attribute[document] !== undefined)
    .map(([name, attribute]) => [name, { ...attribute, ...attribute.taken }])
}
