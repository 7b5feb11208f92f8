import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { DEFAULT_WAREHOUSE } from '../../packages/inventory/src/domain/warehouse.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { context, each, migrateInventory, openSeller, type Seller } from '../stock/seller.ts'

/** A database of a test's own, with products on its shelf, and services on it in which nothing sweeps. */
export type Shelf = AsyncDisposable &
  Readonly<{
    url: string
    products: readonly Uuid[]
    /** One more service on the same database, which knows nothing of what the others have read. */
    seller: () => Seller
  }>

export async function shelf(server: string, count: number, quantity: number): Promise<Shelf> {
  const { url, drop } = await freshDatabase(server)
  await migrateInventory(url)
  const sellers: Seller[] = []
  const seller = () => {
    const opened = openSeller(url)
    sellers.push(opened)
    return opened
  }
  const { inventory } = seller()
  const products = Array.from({ length: count }, () => Bun.randomUUIDv7() as Uuid)
  await each(count, 256, async (index) => {
    const opened = await inventory.openInventory(context(), { productId: products[index]!, quantity })
    if (!opened.ok) throw new Error(opened.error.message)
  })
  return {
    url,
    products,
    seller,
    [Symbol.asyncDispose]: async () => {
      for (const { close } of sellers) await close()
      await drop()
    },
  }
}

/** Holds these lines for a second, and says until when by the database's clock. */
export async function hold(
  { inventory }: Seller,
  lines: readonly Readonly<{ productId: Uuid; quantity: number }>[],
  ttlSeconds = 1,
): Promise<{ id: Uuid; expiresAtMs: number }> {
  const held = await inventory.reserveStock(context(), { lines, ttlSeconds })
  if (!held.ok) throw new Error(`it could not be held: ${held.error.message}`)
  return { id: held.value.id, expiresAtMs: Date.parse(held.value.expiresAt) }
}

/** Buys, and says what came of it: `sold`, or why not. */
export async function buy({ inventory }: Seller, productId: Uuid, quantity = 1): Promise<string> {
  const sold = await inventory.sell(context(), { lines: [{ productId, quantity }] })
  return sold.ok ? 'sold' : sold.error.code
}

/** Resolves at a moment, and a little later, so that what ends then is over. */
export const past = (moment: number): Promise<void> => Bun.sleep(Math.max(0, moment - Date.now()) + 5)

export const levelOf = (productId: Uuid) => ({ productId, warehouseId: DEFAULT_WAREHOUSE })

export const onePage = { size: 100 } as const
