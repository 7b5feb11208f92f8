import type { TSchema } from 'typebox'
import type { FailureCode } from './failures.ts'
import type { Act } from './resource.ts'

/** What an operation does; from it follow the shape of its documents and its success status. */
export type Action =
  /** POST one resource: 201 with the resource and `Location`. */
  | 'create'
  /** GET one resource: 200 with `ETag`. */
  | 'read'
  /** GET a collection in cursor pages: 200. */
  | 'list'
  /** POST one document about many things, of which nothing is kept that could be read: 200 with what came of it. */
  | 'command'
  /** POST an act on one resource, at an address below it: 200 with the resource and `ETag`. */
  | 'act'
  /** PATCH one resource: 200 with the resource and `ETag`. */
  | 'update'
  /** DELETE one resource: 204. */
  | 'delete'
  /** GET the resource at the other end of a to-one relationship: 200. */
  | 'related'
  /** GET the linkage of a to-one relationship: 200. */
  | 'linkage'
  /** GET what happens, for as long as the caller stays: 200 with Server-Sent Events. */
  | 'stream'

/** One `filter[…]` of a list. It names values, separated by commas; what has any of them is listed. */
export type Filter = Readonly<{
  /** The shape of one value; a string, without a comma where there may be several. */
  schema: TSchema
  /** How many values it takes at most. The only one of a filter that takes one is taken whole, commas and all. */
  maxValues: number
  description: string
  /** A value that the server accepts. */
  example: string
}>

/** A query parameter of a read that is its own. Its name is camelCase: JSON:API keeps the others for itself. */
export type Parameter = Readonly<{
  /** The shape of its value, a string. */
  schema: TSchema
  description: string
  example: string
  /** What it answers: a resource of the same type that has only these attributes, and no `ETag`. */
  attributes: readonly string[]
  /** The name of that resource in types and documents. */
  name: string
}>

/** One kind of event of a stream: the shape of its data, which is JSON. */
export type Event = Readonly<{ schema: TSchema; description: string; example: object }>

/** One operation of the public API. Routes, validation, OpenAPI and the SDK's types are all made from it. */
export type Operation = Readonly<{
  /** Its name everywhere: in bindings, in OpenAPI and in the operation id of a write. */
  id: string
  /** The service that answers it. */
  service: string
  action: Action
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/api/v1`, its one parameter in braces: `/products/{productId}`. */
  path: string
  /** The type of its primary data. */
  resource: string
  /** For `related` and `linkage`: the relationship that is followed. */
  relationship?: string
  /** For `act`: what is done, and the document that says so. */
  act?: Act
  /** For `act`: whether it takes `If-Match`. What a resource has no say in refuses the header. */
  isConditional?: true
  /** What the caller must be allowed: `<resource>:<read|write>`. */
  permission: string
  /** For `list` and `stream`: what may stand between the brackets of `filter[…]`; absent: nothing. */
  filters?: Readonly<Record<string, Filter>>
  /** For `read`: the query parameters that it takes besides `include`. */
  parameters?: Readonly<Record<string, Parameter>>
  /** For `stream`: its events by their names. */
  events?: Readonly<Record<string, Event>>
  summary: string
  description: string
  /** The codes of the failures that are its own; those that any operation may answer are added where it is printed. */
  failures: readonly FailureCode[]
}>

export const operation = <const O extends Operation>(definition: O): O => definition

/** Whether it changes anything, and so takes an `Idempotency-Key`. */
export const isWrite = (operation: Operation): boolean => operation.method !== 'GET'

/** Whether it takes `If-Match`. */
export const isConditional = ({ action, isConditional }: Operation): boolean =>
  action === 'update' || action === 'delete' || isConditional === true

/** The name of the path's parameter, or undefined when it has none. */
export const pathParameter = (path: string): string | undefined => /\{(\w+)\}/.exec(path)?.[1]
