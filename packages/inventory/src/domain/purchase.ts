import type { Money, Uuid } from '@abasto/kernel'

/** A direct sale, as it was paid. Never changed, never deleted. */
export type Purchase = Readonly<{
  id: Uuid
  productId: Uuid
  warehouseId: Uuid
  quantity: number
  unitPrice: Money
  total: Money
  operationId: Uuid
  createdAt: string
}>
