import { type Contract, resourceAt } from '../../packages/contract/src/contract.ts'
import { exampleId } from '../../packages/contract/src/example-id.ts'
import { submissionExample } from '../../packages/contract/src/openapi-examples.ts'
import type { Operation } from '../../packages/contract/src/operation.ts'
import type { Submission } from '../../packages/contract/src/submission.ts'
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
  /** The warehouse in which everything is counted. */
  home: string
}>

/** The address of an operation about something that exists. */
export const addressOf = (basePath: string, { path, resource }: Operation, { ids }: Stocked): string =>
  basePath + path.replace(/\{\w+\}/, ids[path.split('/')[1]!] ?? ids[resource]!)

export const NOBODY = '019b76da-a800-7000-8000-00000000dead'

/** An id that a caller may still choose. */
const FREE = '019b76da-a800-7000-8000-00000000f4ee'

/** An id that the address of an operation takes, and that nothing has. */
export const nobodyAt = (contract: Contract, operation: Operation): string =>
  (resourceAt(contract, operation).idOf ?? ['']).map(() => NOBODY).join('.')

/** A text about examples, about what the shop holds. */
export function real(text: string, { ids, home }: Stocked): string {
  const known = {
    products: ids.products!,
    inventory: ids.inventory!,
    reservations: ids.reservations!,
    warehouses: home,
  }
  const others = { 'other-warehouses': ids.warehouses! }
  return Object.entries({ ...known, ...others }).reduce(
    (text, [type, id]) => text.replaceAll(exampleId(type), id),
    text,
  )
}

/** The example of a document, about what the shop holds; a shop would accept it. */
export function goodDocument(submission: Submission, stocked: Stocked): object {
  const { resource, document } = submission
  let text = JSON.stringify(submissionExample(submission))
  if (resource.type === 'inventory' && document === 'create') {
    text = text.replaceAll(exampleId('products'), stocked.uncounted)
  }
  // The id that a caller chose is nobody's yet; a warehouse that is changed is not the one of everything.
  if (resource.type === 'reservations') text = text.replaceAll(exampleId('reservations'), FREE)
  if (resource.type === 'warehouses') text = text.replaceAll(exampleId('warehouses'), stocked.ids.warehouses!)
  // A receipt only adds; a correction may be bent in both directions.
  return JSON.parse(real(text, stocked).replace('"receipt"', '"correction"'))
}
