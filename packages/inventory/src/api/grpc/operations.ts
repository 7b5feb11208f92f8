import type { Rpcs } from '@abasto/chassis/grpc/service'
import type { Command } from '@abasto/chassis/http/idempotency'
import { inventoryOperations } from '@abasto/contract/inventory'
import type { Operation } from '@abasto/contract/operation'
import type { Uuid } from '@abasto/kernel'
import type { InventoryService } from '@abasto/proto/inventory/v1/inventory_service'

/** What answers some of the service's calls. */
export type Calls<Name extends keyof Rpcs<typeof InventoryService>> = Pick<Rpcs<typeof InventoryService>, Name>

/** The operation of the public API that a call does. */
export function operation(id: (typeof inventoryOperations)[number]['id']): Operation {
  return inventoryOperations.find((operation) => operation.id === id)!
}

/** A write in the words of the public API. */
export const writeOf = ({
  id = '',
  attributes = {},
  product,
  warehouse,
  expectedVersion,
}: Readonly<{
  id?: string | undefined
  attributes?: Command['attributes']
  product?: Uuid | undefined
  warehouse?: Uuid | undefined
  expectedVersion?: bigint | undefined
}>): Command => ({
  id,
  attributes,
  relationships: { ...(product === undefined ? {} : { product }), ...(warehouse === undefined ? {} : { warehouse }) },
  ifMatch: expectedVersion === undefined ? undefined : Number(expectedVersion),
})
