import type { Contract } from './contract.ts'
import type { Operation } from './operation.ts'

/** How many items a page of a list has: when the caller does not say, and at most. */
export const PAGE_SIZE = { default: 25, max: 100 } as const

/**
 * What `include` may name: the includable relationships of what is read, of one or of a page of them. A write takes
 * none: it is answered byte for byte when it is sent again, which a product that changes in between would break.
 */
export function includablePaths(contract: Contract, operation: Operation): readonly string[] {
  if (operation.action !== 'read' && operation.action !== 'list') return []
  const relationships = Object.entries(contract.resources[operation.resource]?.relationships ?? {})
  return relationships.filter(([, relationship]) => relationship.includable).map(([name]) => name)
}
