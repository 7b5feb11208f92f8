import type { Context, Page, PageRequest, Result, Uuid } from '@abasto/kernel'

/** A resource as a service hands it to the API: what `contract/` names, without links or document around it. */
export type Entity = Readonly<{
  type: string
  id: string
  attributes: Readonly<Record<string, unknown>>
  /** The id at the other end of each to-one relationship, or `null`. */
  relationships?: Readonly<Record<string, string | null>>
  /** The row's version: it becomes the `ETag`, and `If-Match` is compared with it. */
  version?: number
  /** What of it changes with time alone, without a new version, so that its `ETag` has to tell it too. */
  variant?: string | number
  /** Where the item stands in its list, if not at its id; opaque to clients. */
  cursor?: string
}>

/** What a binding is given: the request after negotiation, authentication and validation against the contract. */
export type OperationRequest = Readonly<{
  context: Context
  /** The path's parameter; `''` where the path has none. Otherwise an id as the contract has them. */
  id: string
  /** The id that the document of a create has chosen. */
  chosenId?: Uuid
  attributes: Readonly<Record<string, unknown>>
  /** The id that each relationship of the document names. */
  relationships: Readonly<Record<string, string | null>>
  /** The version that `If-Match` names; absent when the header is absent or `*`. */
  ifMatch?: number
  page: PageRequest
  include: readonly string[]
  /** The values of each filter that was sent; what is listed has one of them. */
  filters: Readonly<Record<string, readonly string[]>>
  /** The operation's own query parameters, as they were sent. */
  parameters: Readonly<Record<string, string>>
}>

/** The primary data of the answer, and what `include` asked for. */
export type Answer = Readonly<{
  data: Entity | Page<Entity> | null
  included?: readonly Entity[]
}>

/**
 * What answers one operation: it calls the surface and says how the result is shown. It is a pure function of the
 * use case's result, so that a write that is sent again is answered byte for byte.
 */
export type Binding = (request: OperationRequest) => Promise<Result<Answer>>

/** One binding for each operation of a service, by the operation's name in the contract. */
export type Bindings = Readonly<Record<string, Binding>>

/** The answer to a use case's result; `show` says how its value looks on the public API. */
export const answer = <T>(result: Result<T>, show: (value: T) => Answer['data']): Result<Answer> =>
  result.ok ? { ...result, value: { data: show(result.value) } } : result
