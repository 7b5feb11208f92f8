import { type Answer, answer, type Bindings, type Entity, type OperationRequest } from '@abasto/chassis/http/binding'
import { type Failure, fail, mapPage, ok, type Result, type Uuid } from '@abasto/kernel'
import { productEntity } from '@abasto/products/api/entity'
import { productNotFound } from '../application/operation.ts'
import type { Reason } from '../domain/stock-level.ts'
import type { Inventory } from '../inventory.ts'
import { inventoryEntity, movementEntity, purchaseEntity } from './entity.ts'

/** The inventory service on HTTP: one binding for each of its operations in the contract. */
export function inventoryBindings(inventory: Inventory): Bindings {
  const getInventory = async ({ context, id }: OperationRequest) =>
    answer(await inventory.getInventory(context, id), inventoryEntity)

  const getPurchase = async ({ context, id }: OperationRequest) =>
    answer(await inventory.getPurchase(context, id), purchaseEntity)

  return {
    createInventory: async ({ context, attributes, relationships }) => {
      const { quantity = 0 } = attributes as { quantity?: number }
      const productId = relationships.product as Uuid
      return inNamesOfApi(answer(await inventory.openInventory(context, { productId, quantity }), inventoryEntity))
    },

    listInventory: async (request) => {
      const page = await inventory.listInventory(request.context, request.page)
      return withProducts(
        inventory,
        request,
        answer(page, (page) => mapPage(page, inventoryEntity)),
      )
    },

    getInventory: async (request) => withProducts(inventory, request, await getInventory(request)),

    adjustInventory: async ({ context, id: productId, attributes, ifMatch: expectedVersion }) => {
      const { quantityDelta, reason } = attributes as { quantityDelta: number; reason: Reason }
      const change = { productId, quantityDelta, reason, expectedVersion }
      const adjusted = answer(await inventory.adjustStock(context, change), inventoryEntity)
      return inNamesOfApi(adjusted, { quantity: 'quantityDelta' })
    },

    getInventoryProduct: async (request) => productOf(inventory, request, await getInventory(request)),
    getInventoryProductLinkage: getInventory,

    listInventoryMovements: async ({ context, id: productId, page }) =>
      answer(await inventory.listMovements(context, { productId, page }), (page) => mapPage(page, movementEntity)),

    createPurchase: async ({ context, attributes, relationships }) => {
      const { quantity } = attributes as { quantity: number }
      const sold = await inventory.sell(context, { lines: [{ productId: relationships.product as Uuid, quantity }] })
      return inNamesOfApi(answer(sold, ([purchase]) => purchaseEntity(purchase!)))
    },

    listPurchases: async ({ context, page }) =>
      answer(await inventory.listPurchases(context, page), (page) => mapPage(page, purchaseEntity)),

    getPurchase,
    getPurchaseProduct: async (request) => productOf(inventory, request, await getPurchase(request)),
    getPurchaseProductLinkage: getPurchase,
  }
}

/** Adds what `include=product` asks for: one look-up, however many items there are. */
async function withProducts(
  inventory: Inventory,
  request: OperationRequest,
  result: Result<Answer>,
): Promise<Result<Answer>> {
  if (!result.ok || !request.include.includes('product')) return result
  const { data } = result.value
  const entities = data === null ? [] : 'items' in data ? data.items : [data]
  const found = await inventory.findProducts(request.context, entities.map(productId))
  return found.ok ? ok({ ...result.value, included: [...found.value.values()].map(productEntity) }) : found
}

/** The product at the other end of the relationship `product`. */
async function productOf(
  inventory: Inventory,
  { context }: OperationRequest,
  result: Result<Answer>,
): Promise<Result<Answer>> {
  if (!result.ok) return result
  const id = productId(result.value.data as Entity)
  const found = await inventory.findProducts(context, [id])
  if (!found.ok) return found
  const product = found.value.get(id)
  return product ? ok({ data: productEntity(product) }) : fail(productNotFound(id))
}

const productId = (entity: Entity): Uuid => entity.relationships!.product!

/** The path of a fault in the command, said in the names of the API: it has one line, and a relationship `product`. */
function inNamesOfApi(result: Result<Answer>, names: Readonly<Record<string, string>> = {}): Result<Answer> {
  if (result.ok || !result.error.at) return result
  const path = result.error.at[0] === 'lines' ? result.error.at.slice(2) : result.error.at
  const at = path.map((name) => (name === 'productId' ? 'product' : (names[name] ?? name)))
  return { ...result, error: { ...result.error, at } satisfies Failure }
}
