import { moneyMessage, moneyOf } from '@abasto/chassis/grpc/messages'
import type { Purchase as PurchaseMessage } from '@abasto/proto/inventory/v1/inventory'
import type { PurchaseLine } from '@abasto/proto/inventory/v1/inventory_service'
import type { LineToSell } from '../../application/purchases.ts'
import type { Purchase } from '../../domain/purchase.ts'
import { given } from './members.ts'

export const purchaseMessage = ({ quantity, unitPrice, total, ...others }: Purchase) => ({
  ...others,
  quantity: BigInt(quantity),
  unitPrice: moneyMessage(unitPrice),
  total: moneyMessage(total),
})

export const purchaseOf = (message: PurchaseMessage): Purchase => ({
  id: message.id,
  productId: message.productId,
  warehouseId: message.warehouseId,
  quantity: Number(message.quantity),
  unitPrice: moneyOf(message.unitPrice),
  total: moneyOf(message.total),
  operationId: message.operationId,
  createdAt: message.createdAt,
})

export const lineMessage = ({ productId, quantity, warehouseId }: LineToSell) => ({
  productId,
  quantity: BigInt(quantity),
  ...given({ warehouseId }),
})

export const lineOf = ({ productId, quantity, warehouseId }: PurchaseLine): LineToSell => ({
  productId,
  quantity: Number(quantity),
  ...given({ warehouseId }),
})
