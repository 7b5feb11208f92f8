import {
  type Context,
  cursorRefusal,
  type Failure,
  fail,
  formatMoney,
  multiplyMoney,
  notFound,
  ok,
  type Page,
  type PageRequest,
  type Result,
  type Uuid,
} from '@abasto/kernel'
import type { PricedProduct } from '@abasto/products/domain/product'
import type { Offer, SellLine } from '../domain/command.ts'
import type { Purchase } from '../domain/purchase.ts'
import type { Outcome } from '../domain/state.ts'
import { DEFAULT_WAREHOUSE } from '../domain/warehouse.ts'
import { asked, commit, lineCountRefusal, named, productNotFound, recallOr, resultOf } from './operation.ts'
import type { Ports } from './ports.ts'

export type LineToSell = Readonly<{ productId: Uuid; quantity: number; warehouseId?: Uuid | undefined }>

/**
 * Sells 1 to 100 lines at the price that their products have now, all or none; stock leaves at once. One purchase for
 * each line, in their order.
 */
export async function sell(
  ports: Ports,
  context: Context,
  { lines }: Readonly<{ lines: readonly LineToSell[] }>,
): Promise<Result<readonly Purchase[]>> {
  const refusal = lineCountRefusal('sale', lines.length)
  if (refusal) return fail(refusal)
  const found = await ports.products.priceProducts(context, [...new Set(lines.map(({ productId }) => productId))])
  if (!found.ok) return resultOf(await recallOr(ports, context, found.error), purchasesOf)

  const priced = lines.map((line): SellLine => {
    const { productId, quantity, warehouseId = DEFAULT_WAREHOUSE } = line
    const offer = offerOf(found.value.get(productId), line)
    return { purchaseId: ports.newId(), productId, warehouseId, quantity, offer }
  })
  const verdict = await commit(ports, context, { type: 'sell', lines: priced, ...named(context) })
  return announced(ports, context, resultOf(verdict, purchasesOf))
}

export async function getPurchase(ports: Ports, context: Context, id: Uuid): Promise<Result<Purchase>> {
  const found = await asked(context, (trace) => ports.stock.purchase(id, trace))
  if (!found.ok) return found
  return found.value ? ok(found.value) : fail(notFound('purchase', id))
}

export async function listPurchases(
  ports: Ports,
  context: Context,
  page: PageRequest,
): Promise<Result<Page<Purchase>>> {
  const refusal = cursorRefusal(page)
  return refusal ? fail(refusal) : asked(context, (trace) => ports.stock.purchases(page, trace))
}

/** What one line costs, or why it cannot be sold. */
function offerOf(product: PricedProduct | undefined, { productId, quantity }: LineToSell): Result<Offer> {
  const obstacle = obstacleOf(product, productId)
  if (obstacle || !product) return fail(obstacle ?? productNotFound(productId))
  const total = multiplyMoney(product.price, quantity)
  return total.ok ? ok({ unitPrice: product.price, total: total.value }) : total
}

/** Why a product can be neither sold nor promised, if it cannot. */
export function obstacleOf(product: PricedProduct | undefined, productId: Uuid): Failure | undefined {
  if (!product) return productNotFound(productId)
  return product.active ? undefined : productInactive(productId)
}

const purchasesOf = ({ purchases }: Extract<Outcome, { type: 'purchases' }>): readonly Purchase[] => purchases

const productInactive = (productId: Uuid): Failure => ({
  kind: 'conflict',
  code: 'product_inactive',
  message: `The product ${productId} is not sold at present.`,
  at: ['productId'],
  details: { productId },
})

function announced(ports: Ports, context: Context, result: Result<readonly Purchase[]>): Result<readonly Purchase[]> {
  if (!result.ok || result.replayed) return result
  for (const { id, productId, warehouseId, quantity, unitPrice, total } of result.value) {
    const what = { product_id: productId, warehouse_id: warehouseId }
    ports.announce('stock.changed', context, { ...what, kind: 'sale', change: -quantity })
    const paid = { unit_price: formatMoney(unitPrice), total: formatMoney(total), currency: total.currency }
    ports.announce('purchase.completed', context, { purchase_id: id, ...what, quantity, ...paid })
  }
  return result
}
