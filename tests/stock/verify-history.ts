import type { Database } from '../../packages/chassis/src/database/database.ts'
import { createCommitter } from '../../packages/inventory/src/application/committer.ts'
import type { Commit, Stock } from '../../packages/inventory/src/application/ports.ts'
import type { Command } from '../../packages/inventory/src/domain/command.ts'
import {
  commitment,
  expiry,
  line,
  lineHeld,
  releasing,
  reservation,
  sale,
} from '../../packages/inventory/src/domain/examples.ts'
import { postgresStock } from '../../packages/inventory/src/infrastructure/postgres.ts'
import type { Inventory } from '../../packages/inventory/src/inventory.ts'
import type { Context, Result, Uuid } from '../../packages/kernel/src/kernel.ts'
import { inventoryWith } from './inventory-service.ts'

export const LAMP = '11111111-1111-7111-8111-111111111111'
export const CHAIR = '22222222-2222-7222-8222-222222222222'
export const TABLE = '33333333-3333-7333-8333-333333333333'
export const BENCH = '44444444-4444-7444-8444-444444444444'
const DEFAULT = '00000000-0000-7000-8000-000000000001'

/** A real inventory service on a SQL database; every product there is costs 12.50 EUR. */
export const inventoryOn = (database: Database, writer: Database = database) =>
  inventoryOver(postgresStock(database, writer))

/** The same on any store. */
export function inventoryOver(stock: Stock) {
  const { commit, idle } = createCommitter(stock)
  const inventory = inventoryWith(stock, commit)
  return { inventory, commit, idle }
}

export type Shop = ReturnType<typeof inventoryOver>

/** Everything that can happen to stock, once or more: what a check must find no fault with. */
export async function liveThroughEverything(shop: Shop): Promise<void> {
  await liveThroughMost(shop)
  await letTooManyExpire(shop)
  await shop.idle()
}

/** The same, but for what takes hundreds of commands. */
export async function liveThroughMost({ inventory, commit, idle }: Shop): Promise<void> {
  const cellar = succeeded(await inventory.createWarehouse(asked(), { name: 'Cellar' })).id
  const attic = succeeded(await inventory.createWarehouse(asked(), { name: 'Attic' })).id
  await open(inventory, cellar)
  await sellAndCount(inventory)
  await move(inventory, cellar)
  succeeded(await inventory.deleteWarehouse(asked(), { id: attic }))
  await promise(inventory, cellar)
  await oweAndServe(inventory)
  await letExpire(inventory, cellar, commit)
  await inOneBatch(commit)
  await idle()
}

async function open(inventory: Inventory, cellar: Uuid) {
  succeeded(await inventory.openInventory(asked(), { productId: LAMP, quantity: 100 }))
  succeeded(await inventory.openInventory(asked(), { productId: CHAIR, quantity: 50 }))
  const empty = { productId: TABLE, warehouseId: DEFAULT, quantity: 0, settings: { backorderLimit: 20 } }
  succeeded(await inventory.openLevel(asked(), empty))
  succeeded(await inventory.openLevel(asked(), { productId: CHAIR, warehouseId: cellar, quantity: 30 }))
  refused(await inventory.openInventory(asked(), { productId: LAMP, quantity: 1 }))
}

async function sellAndCount(inventory: Inventory) {
  const twice = asked()
  for (const context of [asked(), asked(), twice, twice]) {
    succeeded(await inventory.sell(context, { lines: [{ productId: LAMP, quantity: 2 }] }))
  }
  const lines = [
    { productId: LAMP, quantity: 1 },
    { productId: CHAIR, quantity: 3 },
    { productId: LAMP, quantity: 2 },
  ]
  succeeded(await inventory.sell(asked(), { lines }))
  refused(await inventory.sell(asked(), { lines: [...lines, { productId: CHAIR, quantity: 500 }] }))
  const change = async (quantityDelta: number, reason: 'receipt' | 'return' | 'correction' | 'damage' | 'loss') => {
    succeeded(await inventory.adjustStock(asked(), { productId: LAMP, quantityDelta, reason }))
  }
  for (const [delta, reason] of [
    [20, 'receipt'],
    [1, 'return'],
    [-1, 'correction'],
    [-2, 'damage'],
    [-1, 'loss'],
  ] as const) {
    await change(delta, reason)
  }
  const key = { productId: CHAIR, warehouseId: DEFAULT }
  for (const countedOnHand of [45, 45, 48]) {
    const { onHand } = succeeded(await inventory.getLevel(asked(), key))
    succeeded(await inventory.changeLevel(asked(), { ...key, countedOnHand, expectedOnHand: onHand }))
  }
  refused(await inventory.changeLevel(asked(), { ...key, countedOnHand: 1, expectedOnHand: 2 }))
  const bulk = [1, 2, -900].map((quantityDelta) => ({ ...key, quantityDelta, reason: 'correction' as const }))
  succeeded(await inventory.changeLevels(asked(), { lines: bulk }))
  succeeded(await inventory.configureLevel(asked(), { ...key, settings: { reorderPoint: 5, backorderLimit: 10 } }))
}

async function move(inventory: Inventory, cellar: Uuid) {
  const toCellar = (productId: Uuid, quantity: number) => ({ productId, from: DEFAULT, to: cellar, quantity })
  succeeded(
    await inventory.transferStock(asked(), { lines: [toCellar(LAMP, 20), toCellar(CHAIR, 5), toCellar(LAMP, 3)] }),
  )
  succeeded(await inventory.transferStock(asked(), { lines: [{ ...toCellar(CHAIR, 2), from: cellar, to: DEFAULT }] }))
  refused(await inventory.transferStock(asked(), { lines: [toCellar(LAMP, 1), toCellar(CHAIR, 900)] }))
}

async function promise(inventory: Inventory, cellar: Uuid) {
  const here = (quantity: number) => ({ productId: LAMP, quantity })
  const there = { productId: CHAIR, quantity: 2, warehouseId: cellar }
  const lines = [here(2), there, here(1), { productId: CHAIR, quantity: 1 }]
  const made = async () => succeeded(await inventory.reserveStock(asked(), { lines, reference: 'a cart' })).id
  const [whole, back, partly, extended] = [await made(), await made(), await made(), await made()]
  succeeded(await inventory.commitReservation(asked(), { id: whole }))
  refused(await inventory.commitReservation(asked(), { id: whole }))
  succeeded(await inventory.releaseReservation(asked(), { id: back }))
  succeeded(await inventory.releaseReservation(asked(), { id: back }))
  succeeded(await inventory.commitReservation(asked(), { id: partly, lines: [{ productId: LAMP }] }))
  succeeded(await inventory.extendReservation(asked(), { id: partly, ttlSeconds: 3_600 }))
  succeeded(await inventory.releaseReservation(asked(), { id: partly, lines: [{ productId: CHAIR }] }))
  succeeded(await inventory.extendReservation(asked(), { id: extended, ttlSeconds: 7_200 }))
  const never = Bun.randomUUIDv7()
  refused(await inventory.releaseReservation(asked(), { id: never }))
  refused(await inventory.reserveStock(asked(), { id: never, lines }))
  refused(await inventory.reserveStock(asked(), { lines: [here(900)] }))
  await made()
}

async function oweAndServe(inventory: Inventory) {
  const reserve = async (quantity: number) =>
    succeeded(await inventory.reserveStock(asked(), { lines: [{ productId: TABLE, quantity }] })).id
  const [first] = [await reserve(8), await reserve(9)]
  refused(await inventory.commitReservation(asked(), { id: first }))
  const change = (quantityDelta: number, reason: 'receipt' | 'damage') =>
    inventory.adjustStock(asked(), { productId: TABLE, quantityDelta, reason })
  succeeded(await change(10, 'receipt'))
  succeeded(await inventory.commitReservation(asked(), { id: first }))
  succeeded(
    await inventory.configureLevel(asked(), {
      productId: TABLE,
      warehouseId: DEFAULT,
      settings: { backorderLimit: 7 },
    }),
  )
  // What is promised is damaged: one is short now.
  succeeded(await change(-1, 'damage'))
}

async function letExpire(inventory: Inventory, cellar: Uuid, commit: Commit) {
  type Line = { productId: Uuid; quantity: number; warehouseId?: Uuid }
  const held = async (ttlSeconds: number, ...lines: Line[]) =>
    succeeded(await inventory.reserveStock(asked(), { lines, ttlSeconds })).id
  const brief = (...lines: Line[]) => held(1, ...lines)
  const swept = await brief({ productId: CHAIR, quantity: 1 }, { productId: LAMP, quantity: 1 })
  await brief({ productId: LAMP, quantity: 2 }, { productId: CHAIR, quantity: 1, warehouseId: cellar })
  // Long enough to be committed in part before it ends.
  const partly = await held(3, { productId: LAMP, quantity: 4 }, { productId: CHAIR, quantity: 2 })
  succeeded(await inventory.commitReservation(asked(), { id: partly, lines: [{ productId: CHAIR }] }))
  await Bun.sleep(3_200)
  // The sale ends what has expired on its level, and on its level alone; nobody writes down what became of the rest.
  succeeded(await inventory.sell(asked(), { lines: [{ productId: LAMP, quantity: 1 }] }))
  succeeded(await commit(expiry(swept), Date.now() + 20_000))
  refused(await inventory.commitReservation(asked(), { id: partly }))
  await brief({ productId: CHAIR, quantity: 3, warehouseId: cellar })
  await Bun.sleep(1_100)
}

/**
 * So much has expired on one level at once that three writes end it: what is left of it is counted no more by those who
 * set the level up and count it, and sold all the same.
 */
export async function letTooManyExpire({ inventory, commit }: Shop): Promise<void> {
  succeeded(await inventory.openInventory(asked(), { productId: BENCH, quantity: 1_045 }))
  const holding = (quantity: number, ttlSeconds: number) =>
    commit(reservation([lineHeld(BENCH, quantity)], { ttlSeconds }), Date.now() + 20_000)
  succeeded(await holding(3, 3_600))
  for (const verdict of await Promise.all(Array.from({ length: 1_040 }, () => holding(1, 3)))) succeeded(verdict)
  await Bun.sleep(3_100)
  const level = { productId: BENCH, warehouseId: DEFAULT }
  succeeded(await inventory.configureLevel(asked(), { ...level, settings: { reorderPoint: 3 } }))
  succeeded(await inventory.changeLevel(asked(), { ...level, countedOnHand: 1_042, expectedOnHand: 1_045 }))
  succeeded(await inventory.sell(asked(), { lines: [{ productId: BENCH, quantity: 1_035 }] }))
}

/** What arrives together is decided together: promises that are made and ended in one write never have a hold. */
async function inOneBatch(commit: Commit) {
  const commands = [0, 1, 2, 3, 4].flatMap((index): Command[] => {
    const made = reservation([lineHeld(LAMP, 1)])
    const { reservationId } = made
    return [made, index % 2 === 0 ? commitment(reservationId) : releasing(reservationId), sale([line(LAMP, 1)])]
  })
  const verdicts = await Promise.all(commands.map((command) => commit(command, Date.now() + 20_000)))
  for (const verdict of verdicts) succeeded(verdict)
}

export const asked = (): Context => ({
  requestId: 'test',
  caller: { id: 'tester', permissions: ['*'] },
  deadlineMs: Date.now() + 20_000,
  operationId: Bun.randomUUIDv7(),
  fingerprint: 'f'.repeat(32),
})

export function succeeded<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
  return result.value
}

function refused(result: Result<unknown>): void {
  if (result.ok) throw new Error('what had to be refused was done')
}
