import { Obstacle, stoppedAt } from '../command.ts'
import { forEachAtMost } from '../in-flight.ts'
import { codeOf, type Shop } from '../shop.ts'
import { CURRENCY } from './catalogue.ts'
import { productKey, stockKey } from './keys.ts'
import { type OpeningStock, openingUnits } from './opening-stock.ts'
import type { Plan } from './plan.ts'

/** Lists every product of the plan and puts its opening stock on the shelf; returns their ids in the plan's order. */
export async function stockTheShop(input: {
  abasto: Shop
  plan: Plan
  share: OpeningStock
  width: number
  step: () => void
  signal?: AbortSignal
}): Promise<string[]> {
  const { abasto, plan, share, width, step, signal } = input
  const ids: string[] = []
  const places = plan.products.map((_, place) => place)
  await forEachAtMost(
    width,
    places,
    async (place) => {
      const listing = plan.products[place] as Plan['products'][number]
      const { sku, name, price, outgoing, firstLine } = listing
      try {
        const product = { sku, name, price, currency: CURRENCY }
        const { id } = await abasto.products.create(product, { idempotencyKey: productKey(plan, firstLine) })
        const quantity = openingUnits(outgoing, share)
        const options = { idempotencyKey: stockKey(plan, share, firstLine) }
        await abasto.inventory.create({ productId: id, quantity }, options)
        ids[place] = id
      } catch (failure) {
        throw inTheWay(failure, sku, firstLine)
      }
      step()
    },
    signal,
  )
  return ids
}

function inTheWay(failure: unknown, sku: string, line: number): unknown {
  if (codeOf(failure) === 'sku_taken') {
    const says = `The shop has a product with the SKU ${sku} that was not made from this file.`
    return new Obstacle(`${says} ${FRESH_SHOP}`, { cause: failure })
  }
  if (codeOf(failure) === 'inventory_exists') {
    const says = `${sku} has been stocked before, from this file with another --opening-stock or by someone else.`
    return new Obstacle(`${says} ${FRESH_SHOP}`, { cause: failure })
  }
  return stoppedAt(line, sku, failure)
}

const FRESH_SHOP = 'Replay into a fresh shop, or repeat the run that this one was filled by.'
