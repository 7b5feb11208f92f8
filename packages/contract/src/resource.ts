import type { TSchema } from 'typebox'

/** One attribute of a resource: its shape, and in which documents it stands. */
export type Attribute = Readonly<{
  schema: TSchema
  /** Its meaning in the shop, with the unit where there is one. */
  description: string
  /** A value that the server accepts; printed into the OpenAPI document and sent to the server by a test. */
  example: unknown
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
  attributes: Readonly<Record<string, Attribute>>
  relationships: Readonly<Record<string, Relationship>>
}>

export const resource = <const R extends Resource>(definition: R): R => definition

/** The attributes that a document of the given kind may carry, in the order of the definition. */
export function attributesIn(resource: Resource, document: 'read' | 'create' | 'update'): [string, Attribute][] {
  return Object.entries(resource.attributes).filter(([, attribute]) =>
    document === 'read' ? attribute.read !== false : attribute[document] !== undefined,
  )
}
