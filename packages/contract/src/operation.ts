import type { TSchema } from 'typebox'
import type { FailureCode } from './failures.ts'

/** What an operation does; from it follow the shape of its documents and its success status. */
export type Action =
  /** POST one resource: 201 with the resource and `Location`. */
  | 'create'
  /** GET one resource: 200 with `ETag`. */
  | 'read'
  /** GET a collection in cursor pages: 200. */
  | 'list'
  /** PATCH one resource: 200 with the resource and `ETag`. */
  | 'update'
  /** DELETE one resource: 204. */
  | 'delete'
  /** GET the resource at the other end of a to-one relationship: 200. */
  | 'related'
  /** GET the linkage of a to-one relationship: 200. */
  | 'linkage'

/** One `filter[…]` of a list. It names values, separated by commas; what has any of them is listed. */
export type Filter = Readonly<{
  /** The shape of one value; a string without a comma. */
  schema: TSchema
  /** How many values it takes at most. */
  maxValues: number
  description: string
}>

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
  /** What the caller must be allowed: `<resource>:<read|write>`. */
  permission: string
  /** For `list`: what may stand between the brackets of `filter[…]`; absent: nothing. */
  filters?: Readonly<Record<string, Filter>>
  summary: string
  description: string
  /** The codes of the failures that are its own; those that any operation may answer are added where it is printed. */
  failures: readonly FailureCode[]
}>

export const operation = <const O extends Operation>(definition: O): O => definition

/** Whether it changes anything, and so takes an `Idempotency-Key`. */
export const isWrite = (operation: Operation): boolean => operation.method !== 'GET'

/** The name of the path's parameter, or undefined when it has none. */
export const pathParameter = (path: string): string | undefined => /\{(\w+)\}/.exec(path)?.[1]
