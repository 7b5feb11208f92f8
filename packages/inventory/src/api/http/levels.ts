import { answer, type Bindings, type OperationRequest } from '@abasto/chassis/http/binding'
import { mapPage, type Uuid } from '@abasto/kernel'
import { levelNamed } from '../../application/levels.ts'
import type { LevelState } from '../../application/ports.ts'
import type { LevelSettings } from '../../domain/command.ts'
import type { Inventory } from '../../inventory.ts'
import { levelAtEntity, levelEntity } from '../entity.ts'
import { inNamesOfApi } from './names.ts'
import { productOf, warehouseOf, withProducts } from './related.ts'

/** Stock levels on HTTP. What changes them by hand is in `adjustments.ts`. */
export function levelBindings(inventory: Inventory) {
  const getLevel = async ({ context, id }: OperationRequest) =>
    answer(await inventory.getLevel(context, levelNamed(id)), levelEntity)

  const getLevelAt = async ({ context, id }: OperationRequest, moment: string) =>
    answer(await inventory.getLevelAt(context, { ...levelNamed(id), moment }), levelAtEntity)

  return {
    createStockLevel: async ({ context, attributes, relationships }) => {
      const { onHand: quantity = 0, ...settings } = attributes as { onHand?: number } & LevelSettings
      const key = { productId: relationships.product as Uuid, warehouseId: relationships.warehouse as Uuid }
      const opened = answer(await inventory.openLevel(context, { ...key, quantity, settings }), levelEntity)
      return inNamesOfApi(opened, { quantity: 'onHand' })
    },

    listStockLevels: async (request) => {
      const { context, page, filters } = request
      const filter = {
        productIds: filters.product,
        warehouseIds: filters.warehouse,
        states: filters.state as readonly LevelState[] | undefined,
      }
      const levels = await inventory.listLevels(context, { filter, page })
      return withProducts(
        inventory,
        request,
        answer(levels, (page) => mapPage(page, levelEntity)),
      )
    },

    getStockLevel: async (request) => {
      const { asOf } = request.parameters
      const level = await (asOf === undefined ? getLevel(request) : getLevelAt(request, asOf))
      return withProducts(inventory, request, level)
    },

    updateStockLevel: async ({ context, id, attributes, ifMatch: expectedVersion }) => {
      const change = { ...levelNamed(id), settings: attributes as LevelSettings, expectedVersion }
      const configured = answer(await inventory.configureLevel(context, change), levelEntity)
      // All that its settings can make too large is how far it may be promised.
      return inNamesOfApi(configured, { quantity: 'backorderLimit' })
    },

    getStockLevelProduct: async (request) => productOf(inventory, request, await getLevel(request)),
    getStockLevelProductLinkage: getLevel,
    getStockLevelWarehouse: async (request) => warehouseOf(inventory, request, await getLevel(request)),
    getStockLevelWarehouseLinkage: getLevel,
  } satisfies Bindings
}
