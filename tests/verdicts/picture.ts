import { movementPosition } from '../../packages/inventory/src/application/movements.ts'
import type { Stock } from '../../packages/inventory/src/application/ports.ts'
import { backorderPosition } from '../../packages/inventory/src/application/reservations.ts'
import { keyOf } from '../../packages/inventory/src/domain/command.ts'
import { PRODUCTS, RESERVATIONS, WAREHOUSES } from '../../packages/inventory/src/histories.ts'
import type { Page, PageRequest } from '../../packages/kernel/src/kernel.ts'

/** Everything that a store shows of its stock, by the name of the question. */
export async function picture(stock: Stock, moments: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const keys = PRODUCTS.flatMap((productId) => WAREHOUSES.map((warehouseId) => ({ productId, warehouseId })))
  const levels = (filter: Parameters<Stock['levels']>[0]) => walk((page) => stock.levels(filter, page), keyOf)
  const movements = (filter: Parameters<Stock['movements']>[0]) =>
    walk((page) => stock.movements(filter, page), movementPosition)
  const reservations = (filter: Parameters<Stock['reservations']>[0]) =>
    walk(
      (page) => stock.reservations(filter, page),
      ({ id }) => id,
    )
  const [product, place, from, until] = [PRODUCTS[0]!, WAREHOUSES[1]!, moments[0]!, moments.at(-1)!]
  const middle = moments[Math.floor(moments.length / 2)]!
  return {
    levels: await levels({}),
    'levels of a product in a warehouse': await levels({ productIds: [product], warehouseIds: [place] }),
    'levels to reorder': await levels({ states: ['reorder'] }),
    'levels that are out': await levels({ states: ['out'] }),
    'levels that are short': await levels({ states: ['short'] }),
    'each level': await Promise.all(keys.map((key) => stock.level(key))),
    'levels of each product': await Promise.all(PRODUCTS.map((id) => stock.levelsOf(id))),
    'levels at a moment in the middle': await Promise.all(keys.map((key) => stock.levelAt(key, middle))),
    inventories: await walk(stock.inventories, ({ productId }) => productId),
    'each inventory': await Promise.all(PRODUCTS.map((id) => stock.inventory(id))),
    movements: await movements({}),
    'movements of a kind': await movements({ kinds: ['reservation', 'expiry'], productIds: [product] }),
    'movements in a warehouse': await movements({ warehouseIds: [place] }),
    'movements of a period': await movements({ from, until }),
    purchases: await walk(stock.purchases, ({ id }) => id),
    reservations: await reservations({}),
    'reservations that are held': await reservations({ statuses: ['held'] }),
    'reservations that are over': await reservations({ statuses: ['committed', 'expired'] }),
    'reservations of a cart': await reservations({ references: ['cart 1', 'cart "2", {é}'] }),
    'each reservation': await Promise.all(RESERVATIONS.map((id) => stock.reservation(id))),
    // Those that expire at the same moment come in any order.
    expired: (await stock.expired(100)).toSorted(),
    backorders: await walk((page) => stock.backorders({}, page), backorderPosition),
    'backorders of a product': await walk(
      (page) => stock.backorders({ productIds: [product] }, page),
      backorderPosition,
    ),
    warehouses: await walk(stock.warehouses, ({ id }) => id),
    'each warehouse': await Promise.all(WAREHOUSES.map((id) => stock.warehouse(id))),
    'warehouses with stock': await Promise.all(WAREHOUSES.map((id) => stock.holdsStock(id))),
    'what is read to decide': await stock.read({ levels: keys, reservations: RESERVATIONS, warehouses: WAREHOUSES }),
  }
}

/** A list page by page, as whoever reads it gets it. */
async function walk<T>(list: (page: PageRequest) => Promise<Page<T>>, positionOf: (item: T) => string): Promise<T[]> {
  const items: T[] = []
  for (let page = await list({ size: 3 }); ; page = await list({ size: 3, after: positionOf(items.at(-1)!) })) {
    items.push(...page.items)
    if (!page.hasNext) return items
  }
}
