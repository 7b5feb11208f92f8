import { describe } from 'bun:test'
import { bulkSuite } from './surface-suite/bulk.ts'
import { inventoriesSuite } from './surface-suite/inventories.ts'
import { levelsSuite } from './surface-suite/levels.ts'
import { movementsSuite } from './surface-suite/movements.ts'
import { promisesSuite } from './surface-suite/promises.ts'
import { purchasesSuite } from './surface-suite/purchases.ts'
import { reservationsSuite } from './surface-suite/reservations.ts'
import { type OpenInventory, openShop } from './surface-suite/shop.ts'
import { transfersSuite } from './surface-suite/transfers.ts'
import { warehousesSuite } from './surface-suite/warehouses.ts'

export type { OpenInventory }

/** What the inventory service promises to whoever asks it, wherever it runs and however it is asked. */
export function inventorySurface(name: string, open: () => Promise<OpenInventory>): void {
  describe(`the inventory, asked ${name}`, () => {
    const shop = openShop(open)
    inventoriesSuite(shop)
    purchasesSuite(shop)
    warehousesSuite(shop)
    levelsSuite(shop)
    bulkSuite(shop)
    transfersSuite(shop)
    reservationsSuite(shop)
    promisesSuite(shop)
    movementsSuite(shop)
  })
}
