import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { Abasto, AbortedError, NotFoundError, PreconditionFailedError, type StockEvent } from '../../sdk/src/abasto.ts'
import { type RunningShop, runShop, temporaryFolder } from '../running-shop.ts'
import { builtPackage } from './built-package.ts'

// A real shop, and the whole of its stock through the SDK.

const { folder, remove } = temporaryFolder()
let shop: RunningShop
let abasto: Abasto
beforeAll(async () => {
  shop = await runShop(folder)
  abasto = new Abasto({ apiKey: shop.apiKey, baseUrl: shop.urls })
}, 60_000)
afterAll(async () => {
  await shop?.stop()
  remove()
})

async function newLamp(quantity: number) {
  const sku = `LAMP-${Bun.randomUUIDv7()}`
  const lamp = await abasto.products.create({ sku, name: 'Desk lamp', price: '12.50', currency: 'EUR' })
  await abasto.inventory.create({ productId: lamp.id, quantity })
  return lamp.id
}

const defaultWarehouse = async () => {
  for await (const { id, name } of abasto.warehouses.list()) if (name === 'default') return id
  throw new Error('the shop has no default warehouse')
}

test('a warehouse is opened, renamed, filled by a transfer, counted, and not closed while there is stock', async () => {
  const lamp = await newLamp(10)
  const main = await defaultWarehouse()
  const attic = await abasto.warehouses.create({ name: 'Attic' })

  const loft = await abasto.warehouses.update(attic.id, { name: 'Loft' }, { ifMatch: attic.etag })
  const level = await abasto.stockLevels.create({ productId: lamp, warehouseId: attic.id, reorderPoint: 5 })
  await abasto.transfers.create({ lines: [{ productId: lamp, from: main, to: attic.id, quantity: 4 }] })
  const moved = await abasto.stockLevels.get(level.id)
  const counted = await abasto.stockLevels.count(level.id, { countedOnHand: 3, expectedOnHand: 4 })
  const { verdicts } = await abasto.stockLevels.adjustMany({
    lines: [
      { productId: lamp, warehouseId: attic.id, quantityDelta: 2, reason: 'receipt' },
      { productId: lamp, quantityDelta: -100, reason: 'correction' },
    ],
  })

  expect([loft.name, moved.onHand, counted.onHand]).toEqual(['Loft', 4, 3])
  expect(verdicts).toMatchObject([{ stockLevel: { onHand: 5 } }, { error: { code: 'insufficient_stock' } }])
  expect((await abasto.stockLevels.asOf(level.id, new Date(moved.updatedAt))).onHand).toBe(4)
  const low = await abasto.stockLevels.list({ filter: { warehouse: [attic.id], state: ['reorder'] } }).page()
  expect(low.items.map(({ id }) => id)).toEqual([level.id])
  const kinds = []
  for await (const { kind } of abasto.movements.list({ filter: { warehouse: [attic.id] } })) kinds.push(kind)
  expect(kinds).toEqual(['transfer_in', 'adjustment', 'receipt'])
  const lost = abasto.stockLevels.count(level.id, { countedOnHand: 1, expectedOnHand: 4 })
  await expect(lost).rejects.toBeInstanceOf(PreconditionFailedError)
  await expect(abasto.warehouses.delete(attic.id)).rejects.toMatchObject({ code: 'warehouse_not_empty' })
})

test('stock is held under an id of my choice, for longer, taken line by line, and given back', async () => {
  const lamp = await newLamp(5)
  const id = Bun.randomUUIDv7()

  const held = await abasto.reservations.create({ id, lines: [{ productId: lamp, quantity: 2 }], reference: 'cart-7' })
  const longer = await abasto.reservations.extend(id, { ttlSeconds: 86_400 })
  const { items } = await abasto.reservations.list({ filter: { status: ['held'], reference: 'cart-7' } }).page()
  const taken = await abasto.reservations.commit(id, { lines: [{ productId: lamp }] })
  const other = await abasto.reservations.create({ lines: [{ productId: lamp, quantity: 3 }] })
  const returned = await abasto.reservations.release(other.id)

  expect([held.id, held.status, taken.status, returned.status]).toEqual([id, 'held', 'committed', 'released'])
  expect(longer.expiresAt > held.expiresAt).toBe(true)
  expect(items.map(({ id }) => id)).toEqual([id])
  expect(await abasto.inventory.get(lamp)).toMatchObject({ quantity: 3, reserved: 0 })
  await expect(abasto.reservations.release(Bun.randomUUIDv7())).rejects.toBeInstanceOf(NotFoundError)
  await expect(abasto.reservations.extend(id)).rejects.toMatchObject({ code: 'reservation_committed' })
})

test('what is owed is listed until it comes', async () => {
  const lamp = await newLamp(1)
  const level = `${lamp}.${await defaultWarehouse()}`
  await abasto.stockLevels.update(level, { backorderLimit: 10 })
  const { id } = await abasto.reservations.create({ lines: [{ productId: lamp, quantity: 4 }] })

  const owed = await abasto.backorders.list({ filter: { product: [lamp] } }).page()
  await expect(abasto.reservations.commit(id)).rejects.toMatchObject({ code: 'insufficient_stock' })
  await abasto.stockLevels.adjust(level, { quantityDelta: 3, reason: 'receipt' })

  expect(owed.items).toMatchObject([{ productId: lamp, reservationId: id, quantity: 4, owed: 3 }])
  expect((await abasto.backorders.list({ filter: { product: [lamp] } }).page()).items).toEqual([])
  expect((await abasto.reservations.commit(id)).status).toBe('committed')
})

describe('the stock as it changes', () => {
  test('is a snapshot and then what happens, of the products that were asked for', async () => {
    const [lamp, chair] = [await newLamp(10), await newLamp(10)]
    const told: StockEvent[] = []

    for await (const event of abasto.stock.watch({ products: [lamp] })) {
      told.push(event)
      if (event.type === 'ready') {
        await abasto.purchases.create({ productId: chair, quantity: 1 })
        await abasto.purchases.create({ productId: lamp, quantity: 3 })
      }
      if (event.type === 'movement') break
    }

    expect(told.map(({ type }) => type)).toEqual(['snapshot', 'level', 'ready', 'movement'])
    expect(told[1]).toMatchObject({ productId: lamp, onHand: 10, sequence: 1 })
    expect(told[3]).toMatchObject({ productId: lamp, onHand: 7, onHandChange: -3, kind: 'sale', sequence: 2 })
  })

  test('goes on where it was, however often its line is cut, and from where an earlier program was', async () => {
    const lamp = await newLamp(10)
    let cuts = 0
    const shaky = new Abasto({
      apiKey: shop.apiKey,
      baseUrl: shop.urls,
      fetch: async (url, init) => cutAfter(await fetch(url, init), 1 + (cuts++ % 4)),
    })
    const [sequences, cursors]: [number[], string[]] = [[], []]

    const selling = (async () => {
      for (let sale = 0; sale < 30; sale++)
        await abasto.purchases.create({ productId: lamp, quantity: 1 }).catch(() => {})
      for (let step = 0; step < 20; step++) await abasto.inventory.adjust(lamp, { quantityDelta: 1, reason: 'receipt' })
    })()
    let known = 0
    for await (const event of shaky.stock.watch({ products: [lamp] })) {
      if (event.type === 'level') known = event.sequence
      if (event.type !== 'movement') continue
      sequences.push(event.sequence)
      cursors.push(event.cursor)
      if (event.sequence === 31) break
    }
    await selling

    expect(sequences).toEqual(Array.from({ length: 31 - known }, (_, index) => known + 1 + index))
    expect(cuts).toBeGreaterThan(2)
    for await (const event of abasto.stock.watch({ products: [lamp], after: cursors.at(-3)! })) {
      expect(event).toMatchObject({ type: 'movement', sequence: 30 })
      break
    }
  }, 30_000)

  test('ends when it is told to, and fails like any call where it cannot begin', async () => {
    const controller = new AbortController()
    const watching = (async () => {
      for await (const event of abasto.stock.watch({ signal: controller.signal }))
        if (event.type === 'ready') setTimeout(() => controller.abort('enough'), 20)
    })()

    await expect(watching).rejects.toBeInstanceOf(AbortedError)
    const bad = abasto.stock.watch({ after: 'nonsense' }).next()
    await expect(bad).rejects.toMatchObject({ code: 'invalid_cursor', status: 400 })
    const unknown = new Abasto({ apiKey: 'another-key-altogether', baseUrl: shop.urls }).stock.watch().next()
    await expect(unknown).rejects.toMatchObject({ code: 'unauthenticated' })
    const nowhere = new Abasto({ apiKey: 'x', baseUrl: 'http://127.0.0.1:1', maxRetries: 1 }).stock.watch().next()
    await expect(nowhere).rejects.toMatchObject({ code: 'connection_failed', attempts: 2 })
    await expect(abasto.stock.watch({ products: [] }).next()).rejects.toBeInstanceOf(TypeError)
  })
})

const node = Bun.which('node')
if (!node) console.log('The stock was not followed on Node: there is no node.')
else
  test('the stock is followed on Node, by the package as it is published', async () => {
    const lamp = await newLamp(10)
    const { folder } = await builtPackage()
    const program = `
      const { Abasto } = await import(${JSON.stringify(join(folder, 'abasto.js'))})
      const abasto = new Abasto(${JSON.stringify({ apiKey: shop.apiKey, baseUrl: shop.urls })})
      for await (const event of abasto.stock.watch({ products: ['${lamp}'] })) {
        console.log(event.type, event.onHand ?? '')
        if (event.type === 'ready') await abasto.purchases.create({ productId: '${lamp}', quantity: 4 })
        if (event.type === 'movement') break
      }`

    const child = Bun.spawn([node, '--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })

    expect(await new Response(child.stdout).text()).toBe('snapshot \nlevel 10\nready \nmovement 6\n')
    expect(await child.exited).toBe(0)
  }, 60_000)

/** The same answer, whose line is cut after some of its parts. */
function cutAfter(response: Response, parts: number): Response {
  let left = parts
  const cutting = new TransformStream<Uint8Array, Uint8Array>({
    transform: (part, controller) => {
      if (left-- > 0) controller.enqueue(part)
      else controller.error(new Error('the line was cut'))
    },
  })
  return new Response(response.body!.pipeThrough(cutting), { status: response.status, headers: response.headers })
}
