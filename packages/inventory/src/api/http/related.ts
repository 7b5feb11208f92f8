import { type Answer, answer, type Entity, type OperationRequest } from '@abasto/chassis/http/binding'
import { fail, ok, type Result, type Uuid } from '@abasto/kernel'
import { productEntity } from '@abasto/products/api/entity'
import { productNotFound } from '../../application/operation.ts'
import type { Inventory } from '../../inventory.ts'
import { warehouseEntity } from '../entity.ts'

/** Adds what `include=product` asks for: one look-up, however many items there are. */
export async function withProducts(
  inventory: Inventory,
  request: OperationRequest,
  result: Result<Answer>,
): Promise<Result<Answer>> {
  if (!result.ok || !request.include.includes('product')) return result
  const { data } = result.value
  const entities = data === null ? [] : 'items' in data ? data.items : [data]
  const ids = new Set(entities.map((entity) => idOf(entity, 'product')))
  const found = await inventory.findProducts(request.context, [...ids])
  return found.ok ? ok({ ...result.value, included: [...found.value.values()].map(productEntity) }) : found
}

/** The product at the other end of the relationship `product`. */
export async function productOf(
  inventory: Inventory,
  { context }: OperationRequest,
  result: Result<Answer>,
): Promise<Result<Answer>> {
  if (!result.ok) return result
  const id = idOf(result.value.data as Entity, 'product')
  const found = await inventory.findProducts(context, [id])
  if (!found.ok) return found
  const product = found.value.get(id)
  return product ? ok({ data: productEntity(product) }) : fail(productNotFound(id))
}

/** The warehouse at the other end of the relationship `warehouse`. */
export async function warehouseOf(
  inventory: Inventory,
  { context }: OperationRequest,
  result: Result<Answer>,
): Promise<Result<Answer>> {
  if (!result.ok) return result
  const id = idOf(result.value.data as Entity, 'warehouse')
  return answer(await inventory.getWarehouse(context, id), warehouseEntity)
}

const idOf = (entity: Entity, relationship: string): Uuid => entity.relationships![relationship]!
