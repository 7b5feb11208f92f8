import { type FailureDefinition, failures } from './failures.ts'
import { inventoryOperations, inventoryResources } from './inventory.ts'
import type { Operation } from './operation.ts'
import { productOperations, products } from './products.ts'
import type { Resource } from './resource.ts'

/** The public HTTP API as a value. Whatever is made from it takes it as an argument, so a changed copy can be tried. */
export type Contract = Readonly<{
  title: string
  version: string
  description: string
  /** What stands before every path. */
  basePath: string
  resources: Readonly<Record<string, Resource>>
  operations: readonly Operation[]
  failures: Readonly<Record<string, FailureDefinition>>
}>

export const contract = {
  title: 'Abasto',
  version: '0.1.0',
  description:
    'Products, stock, reservations and purchases. Stock is never promised twice, every change can be replayed, and every write ' +
    'can be sent again with its `Idempotency-Key`.',
  basePath: '/api/v1',
  resources: { products, ...inventoryResources },
  operations: [...productOperations, ...inventoryOperations],
  failures,
} as const satisfies Contract

/** The operations that the given services answer. */
export const operationsOf = (contract: Contract, services: readonly string[]): Operation[] =>
  contract.operations.filter((operation) => services.includes(operation.service))

/** The resource that the parameter of an operation's path names: that of the collection below which it stands. */
export function resourceAt(contract: Contract, { id, path }: Operation): Resource {
  const resource = contract.resources[path.split('/')[1]!]
  if (!resource) throw new Error(`The address of the operation ${id} begins with no resource.`)
  return resource
}
