import { answer, type Bindings } from '@abasto/chassis/http/binding'
import { mapPage } from '@abasto/kernel'
import type { MovementKind } from '../../domain/stock-level.ts'
import type { Inventory } from '../../inventory.ts'
import { movementEntity } from '../entity.ts'

/** The ledger on HTTP. */
export const movementBindings = (inventory: Inventory) =>
  ({
    listInventoryMovements: async ({ context, id: productId, page }) =>
      answer(await inventory.listInventoryMovements(context, { productId, page }), (page) =>
        mapPage(page, movementEntity),
      ),

    listMovements: async ({ context, page, filters }) => {
      const filter = {
        productIds: filters.product,
        warehouseIds: filters.warehouse,
        kinds: filters.kind as readonly MovementKind[] | undefined,
        from: filters.from?.[0],
        until: filters.until?.[0],
      }
      return answer(await inventory.listMovements(context, { filter, page }), (page) => mapPage(page, movementEntity))
    },
  }) satisfies Bindings
