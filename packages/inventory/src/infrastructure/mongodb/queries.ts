import type { Mongo, Question } from '@abasto/chassis/database/mongo'
import { readPage } from '@abasto/kernel'
import type { Document } from 'mongodb'
import type { StockQueries } from '../../application/ports.ts'
import type { ProductTotals } from '../../domain/state.ts'
import type { StockLevel } from '../../domain/stock-level.ts'
import { type PurchaseDocument, purchaseOf, type WarehouseDocument, warehouseOf } from './documents.ts'
import { currentLevel, inState, isHeld, type LevelWithLapsed, mayBeInState, withLapsed } from './lapsed.ts'
import { ledgerQueries } from './ledger-queries.ts'
import { askIn, beyond, EVERY_PRODUCT, inOrder, oneOf, PATIENCE } from './pipelines.ts'
import { promiseQueries } from './promise-queries.ts'

/** The questions that only read: one pipeline each, by an index, whatever the number of documents. */
export function mongoQueries(mongo: Mongo): StockQueries {
  const ask = askIn(mongo)

  async function levelsWhere(question: Question, filter: Document): Promise<StockLevel[]> {
    const rows = await ask<LevelWithLapsed>(question, 'stock_levels', [{ $match: filter }, ...withLapsed])
    return rows.map(currentLevel)
  }

  return {
    ...ledgerQueries(ask),
    ...promiseQueries(ask),

    inventory: async (productId, trace) => {
      const levels = await levelsWhere({ name: 'read inventory', trace }, { product_id: productId })
      return levels.length === 0 ? undefined : totalsOf(levels)
    },

    // A product has as many levels as it has warehouses, so nobody knows how many make a page: they are read in order
    // until there are products enough, which is mostly in the first batch.
    inventories: (page, trace) =>
      readPage(page, (direction, position, limit) =>
        mongo.ask({ name: 'list inventory', trace }, async (signal) => {
          const pipeline = [
            { $match: position === undefined ? {} : beyond(direction, { product_id: position }) },
            inOrder(direction, 'product_id', 'warehouse_id'),
            ...withLapsed,
          ]
          const rows = mongo.db.collection('stock_levels').aggregate<LevelWithLapsed>(pipeline, {
            ...PATIENCE,
            signal,
            batchSize: limit + 1,
            // A second batch shows what was there when the first was read.
            readConcern: { level: 'snapshot' },
          })
          const products: StockLevel[][] = []
          for await (const level of rows.map(currentLevel)) {
            const last = products.at(-1)
            if (last?.[0]?.productId === level.productId) last.push(level)
            else if (products.length === limit) break
            else products.push([level])
          }
          return products.map(totalsOf)
        }),
      ),

    levelsOf: async (productId, trace) => {
      const rows = await ask<LevelWithLapsed>({ name: 'read levels of', trace }, 'stock_levels', [
        { $match: { product_id: productId } },
        inOrder('forward', 'product_id', 'warehouse_id'),
        { $project: { _id: 0, product_id: 1, warehouse_id: 1 } },
      ])
      return rows.map(({ product_id, warehouse_id }) => {
        return { productId: product_id, warehouseId: warehouse_id }
      })
    },

    level: async ({ productId, warehouseId }, trace) =>
      (await levelsWhere({ name: 'read level', trace }, { product_id: productId, warehouse_id: warehouseId }))[0],

    levels: ({ productIds, warehouseIds, states }, page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const named = { ...EVERY_PRODUCT, ...oneOf('product_id', productIds), ...oneOf('warehouse_id', warehouseIds) }
        const wanted = states ? { $and: [named, anyOf(states.map((state) => mayBeInState[state]))] } : named
        const [product_id, warehouse_id] = position?.split('.') ?? []
        const rows = await ask<LevelWithLapsed>({ name: 'list levels', trace }, 'stock_levels', [
          { $match: position === undefined ? wanted : beyond(direction, { product_id, warehouse_id }, wanted) },
          inOrder(direction, 'product_id', 'warehouse_id'),
          ...(states ? [...withLapsed, { $match: anyOf(states.map((state) => inState[state])) }] : []),
          { $limit: limit },
          ...(states ? [] : withLapsed),
        ])
        return rows.map(currentLevel)
      }),

    purchase: async (id, trace) => {
      const rows = await ask<PurchaseDocument>({ name: 'read purchase', trace }, 'purchases', [{ $match: { _id: id } }])
      return rows.map(purchaseOf)[0]
    },

    purchases: (page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const rows = await ask<PurchaseDocument>({ name: 'list purchases', trace }, 'purchases', [
          { $match: position === undefined ? {} : beyond(direction, { _id: position }) },
          inOrder(direction, '_id'),
          { $limit: limit },
        ])
        return rows.map(purchaseOf)
      }),

    warehouse: async (id, trace) => {
      const rows = await ask<WarehouseDocument>({ name: 'read warehouse', trace }, 'warehouses', [
        { $match: { _id: id } },
      ])
      return rows.map(warehouseOf)[0]
    },

    warehouses: (page, trace) =>
      readPage(page, async (direction, position, limit) => {
        const open = { deleted_at: null }
        const rows = await ask<WarehouseDocument>({ name: 'list warehouses', trace }, 'warehouses', [
          { $match: position === undefined ? open : beyond(direction, { _id: position }, open) },
          inOrder(direction, '_id'),
          { $limit: limit },
        ])
        return rows.map(warehouseOf)
      }),

    holdsStock: async (warehouseId, trace) => {
      const rows = await ask({ name: 'look for stock', trace }, 'stock_levels', [
        { $match: { warehouse_id: warehouseId, $or: [{ on_hand: { $gt: 0 } }, { reserved: { $gt: 0 } }] } },
        ...withLapsed,
        { $match: isHeld },
        { $limit: 1 },
        { $project: { _id: 1 } },
      ])
      return rows.length > 0
    },
  }
}

const anyOf = (conditions: readonly Document[]): Document =>
  conditions.length === 0 ? { _id: { $in: [] } } : { $or: [...conditions] }

function totalsOf(levels: readonly StockLevel[]): ProductTotals {
  const sum = (amountOf: (level: StockLevel) => number) => levels.reduce((total, level) => total + amountOf(level), 0)
  const moments = levels.map(({ updatedAt }) => updatedAt).toSorted()
  return {
    productId: levels[0]!.productId,
    onHand: sum(({ onHand }) => onHand),
    reserved: sum(({ reserved }) => reserved),
    version: sum(({ version }) => version),
    updatedAt: moments.at(-1)!,
  }
}
