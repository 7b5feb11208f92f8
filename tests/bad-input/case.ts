import { exampleId, submissionExample } from '../../packages/contract/src/openapi-examples.ts'
import type { Operation } from '../../packages/contract/src/operation.ts'
import type { Resource } from '../../packages/contract/src/resource.ts'
import type { Sending } from '../running-shop.ts'

/** Where an error must point: at the fault, in the request that was sent. `{}` where nothing in it can be named. */
export type At = Readonly<{ pointer?: string; parameter?: string; header?: string }>

/** One request that must be refused. */
export type BadInput = Readonly<{
  operation: Operation
  /** What is bad about it, for whoever reads the failure. */
  what: string
  sending: Sending
  statuses: readonly number[]
  at: At
  /** The rule of the service refused it, not the API before it: the refusal itself is then kept with the operation. */
  isDecided?: boolean
}>

/** What a shop holds that requests can be about. */
export type Stocked = Readonly<{
  /** The id that a path of each resource takes. */
  ids: Readonly<Record<string, string>>
  /** A product that is not counted yet. */
  uncounted: string
}>

/** The address of an operation about something that exists. */
export const addressOf = (basePath: string, { path, resource }: Operation, { ids }: Stocked): string =>
  basePath + path.replace(/\{\w+\}/, ids[path.split('/')[1]!] ?? ids[resource]!)

export const NOBODY = '019b76da-a800-7000-8000-00000000dead'

/** The example of a document, about what the shop holds; a shop would accept it. */
export function goodDocument(resource: Resource, action: 'create' | 'update', { ids, uncounted }: Stocked): object {
  const product = resource.type === 'inventory' && action === 'create' ? uncounted : ids.products!
  const text = JSON.stringify(submissionExample(resource, action))
    .replaceAll(exampleId('products'), product)
    .replaceAll(exampleId('inventory'), ids.inventory!)
    // A receipt only adds; a correction may be bent in both directions.
    .replace('"receipt"', '"correction"')
  return JSON.parse(text)
}
