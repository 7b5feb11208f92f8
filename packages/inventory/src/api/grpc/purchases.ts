import { boundsMessage, mapResult, pageOf } from '@abasto/chassis/grpc/messages'
import { commandCheck, idRefusal, pageRefusal } from '@abasto/chassis/grpc/validation'
import type { LineToSell } from '../../application/purchases.ts'
import type { Inventory } from '../../inventory.ts'
import { lineOf, purchaseMessage } from '../messages/purchases.ts'
import { type Calls, operation, writeOf } from './operations.ts'
import { isLineCount, linesRefusal } from './refusals.ts'

const lineRefusal = commandCheck('purchases', 'create')

/** Sales. */
export const purchaseCalls = (inventory: Inventory): Calls<'createPurchases' | 'getPurchase' | 'listPurchases'> => ({
  createPurchases: {
    operation: operation('createPurchase'),
    command: (message) => saleCommand(message.lines.map(lineOf)),
    refusal: ({ lines }) =>
      isLineCount(lines)
        ? linesRefusal(lines.map(lineOf), (line, at) => lineRefusal(lineCommand(line), at))
        : undefined,
    handle: async (context, { lines }) =>
      mapResult(await inventory.sell(context, { lines: lines.map(lineOf) }), (purchases) => ({
        purchases: purchases.map(purchaseMessage),
      })),
  },

  getPurchase: {
    operation: operation('getPurchase'),
    refusal: ({ id }) => idRefusal(id, ['id']),
    handle: async (context, { id }) =>
      mapResult(await inventory.getPurchase(context, id), (purchase) => ({ purchase: purchaseMessage(purchase) })),
  },

  listPurchases: {
    operation: operation('listPurchases'),
    refusal: ({ page }) => pageRefusal(page),
    handle: async (context, { page }) =>
      mapResult(await inventory.listPurchases(context, pageOf(page)), (page) => ({
        purchases: page.items.map(purchaseMessage),
        bounds: boundsMessage(page),
      })),
  },
})

/** A line in the words of the public API, where a purchase has one. */
const lineCommand = ({ productId, quantity, warehouseId }: LineToSell) =>
  writeOf({ attributes: { quantity }, product: productId, warehouse: warehouseId })

/**
 * A sale in the words of the public API. Of one line it is what `POST /purchases` takes, so the two are one write under
 * one key; the public API has no name for more.
 */
function saleCommand(lines: readonly LineToSell[]) {
  const [only] = lines
  return only && lines.length === 1 ? lineCommand(only) : writeOf({ attributes: { lines } })
}
