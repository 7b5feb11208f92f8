import { describe, expect, test } from 'bun:test'
import { faultsIn } from '../kills/books.ts'
import { figure } from '../stock/audit.ts'
import { context, type Seller } from '../stock/seller.ts'
import { buy, hold, levelOf, onePage, past, shelf } from './shelf.ts'

/** Eight of these tests run at once: what they hold must not end before it was looked at. */
const TTL_SECONDS = 8

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Expiry without a sweeper was not tested: TEST_POSTGRES_URL is not set.')
else {
  const stocked = (count: number, quantity: number) => shelf(server, count, quantity)

  describe('what is past its time, where nothing sweeps', () => {
    // Whoever held it remembers what it wrote; another process has never heard of it.
    for (const who of ['the service that held it', 'another service'] as const) {
      test.concurrent(`counts for nothing in any answer of ${who}`, async () => {
        await using place = await stocked(1, 10)
        const { url, products, seller } = place
        const holder = seller()
        const asked = who === 'another service' ? seller() : holder
        const lamp = products[0]!
        const { id, expiresAtMs } = await hold(holder, [{ productId: lamp, quantity: 10 }], TTL_SECONDS)
        const before = await seen(asked, lamp, id)
        expect(await buy(asked, lamp)).toBe('insufficient_stock')

        await past(expiresAtMs)
        const after = await seen(asked, lamp, id)

        const everything = { reserved: 10, inventory: 10, listed: 10, listedInventory: 10, isOut: true, status: 'held' }
        expect(before).toMatchObject({ ...everything, held: [id], expired: [] })
        const nothing = { reserved: 0, inventory: 0, listed: 0, listedInventory: 0, isOut: false, status: 'expired' }
        expect(after).toMatchObject({ ...nothing, held: [], expired: [id] })
        // Nobody has written anything down.
        expect(await figure(url, 'SELECT sum(reserved) FROM inventory.stock_levels')).toBe(10)
        expect(await faultsIn(url)).toEqual([])
      }, 30_000)

      test.concurrent(`can neither be committed nor extended at ${who}, and its stock can be sold`, async () => {
        await using place = await stocked(1, 10)
        const { url, products, seller } = place
        const holder = seller()
        const asked = who === 'another service' ? seller() : holder
        const lamp = products[0]!
        const { id, expiresAtMs } = await hold(holder, [{ productId: lamp, quantity: 10 }])
        await past(expiresAtMs)

        const committed = await asked.inventory.commitReservation(context(), { id })
        const extended = await asked.inventory.extendReservation(context(), { id, ttlSeconds: 600 })
        const sold = await buy(asked, lamp, 10)
        const released = await asked.inventory.releaseReservation(context(), { id })

        const refusal = { ok: false, error: { kind: 'conflict', code: 'reservation_expired' } }
        expect([committed, extended]).toMatchObject([refusal, refusal])
        expect(sold).toBe('sold')
        expect(released).toMatchObject({ ok: true, value: { status: 'expired' } })
        expect(await figure(url, 'SELECT sum(on_hand) FROM inventory.stock_levels')).toBe(0)
        expect(await figure(url, 'SELECT count(*) FROM inventory.holds')).toBe(0)
        expect(await faultsIn(url)).toEqual([])
      }, 30_000)
    }

    test.concurrent('its stock can be promised to somebody else, and taken away by hand', async () => {
      await using place = await stocked(2, 5)
      const { url, products, seller } = place
      const { inventory, ...rest } = seller()
      const [lamp, chair] = [products[0]!, products[1]!]
      const lines = products.map((productId) => ({ productId, quantity: 5 }))
      const { expiresAtMs } = await hold({ inventory, ...rest }, lines)
      await past(expiresAtMs)

      const other = await inventory.reserveStock(context(), { lines: [{ productId: lamp, quantity: 5 }] })
      const taken = await inventory.adjustStock(context(), {
        productId: chair,
        quantityDelta: -5,
        reason: 'correction',
      })

      expect(other.ok).toBe(true)
      expect(taken).toMatchObject({ ok: true, value: { onHand: 0, reserved: 0 } })
      expect(await faultsIn(url)).toEqual([])
    }, 30_000)

    test.concurrent('of a reservation that was committed in part, what is left expires', async () => {
      await using place = await stocked(2, 5)
      const { url, products, seller } = place
      const desk = seller()
      const [lamp, chair] = [products[0]!, products[1]!]
      const { id, expiresAtMs } = await hold(
        desk,
        products.map((productId) => ({ productId, quantity: 5 })),
        TTL_SECONDS,
      )
      const part = await desk.inventory.commitReservation(context(), { id, lines: [{ productId: lamp }] })
      await past(expiresAtMs)

      const late = await desk.inventory.commitReservation(context(), { id, lines: [{ productId: chair }] })

      expect(part.ok).toBe(true)
      expect(late).toMatchObject({ ok: false, error: { kind: 'conflict', code: 'reservation_committed' } })
      expect([await buy(desk, lamp, 5), await buy(desk, chair, 5)]).toEqual(['insufficient_stock', 'sold'])
      expect(await faultsIn(url)).toEqual([])
    }, 30_000)
  })

  describe('600 reservations of one product that expired, more than one write ends', () => {
    test.concurrent('count for nothing, and are ended by the writes that follow', async () => {
      await using place = await stocked(1, 600)
      const { url, products, seller } = place
      const desk = seller()
      const lamp = products[0]!
      const held = await Promise.all(
        Array.from({ length: 600 }, () => hold(desk, [{ productId: lamp, quantity: 1 }], TTL_SECONDS)),
      )
      expect(await buy(desk, lamp)).toBe('insufficient_stock')
      await past(Math.max(...held.map(({ expiresAtMs }) => expiresAtMs)))

      expect(await desk.inventory.getLevel(context(), levelOf(lamp))).toMatchObject({
        value: { onHand: 600, reserved: 0 },
      })
      const left: number[] = []
      for (const quantity of [1, 598, 1]) {
        expect(await buy(desk, lamp, quantity)).toBe('sold')
        left.push(await figure(url, 'SELECT count(*) FROM inventory.holds'))
        expect(await faultsIn(url)).toEqual([])
      }

      expect(left).toEqual([100, 0, 0])
      expect(await buy(desk, lamp)).toBe('insufficient_stock')
      expect(await figure(url, "SELECT count(*) FROM inventory.movements WHERE kind = 'expiry'")).toBe(600)
    }, 60_000)

    test.concurrent('do not keep anybody from buying everything at once', async () => {
      await using place = await stocked(1, 600)
      const { url, products, seller } = place
      const desk = seller()
      const lamp = products[0]!
      const held = await Promise.all(
        Array.from({ length: 600 }, () => hold(desk, [{ productId: lamp, quantity: 1 }], TTL_SECONDS)),
      )
      await past(Math.max(...held.map(({ expiresAtMs }) => expiresAtMs)))

      expect(await buy(desk, lamp, 600)).toBe('sold')

      expect(await buy(desk, lamp)).toBe('insufficient_stock')
      expect(await figure(url, 'SELECT sum(on_hand) FROM inventory.stock_levels')).toBe(0)
      expect(await faultsIn(url)).toEqual([])
    }, 60_000)
  })
}

/** What the answers of a service say of a product and a reservation. */
async function seen({ inventory }: Seller, productId: string, id: string) {
  const level = await inventory.getLevel(context(), levelOf(productId))
  const total = await inventory.getInventory(context(), productId)
  const levels = await inventory.listLevels(context(), { filter: {}, page: onePage })
  const out = await inventory.listLevels(context(), { filter: { states: ['out'] }, page: onePage })
  const all = await inventory.listInventory(context(), onePage)
  const reservation = await inventory.getReservation(context(), id)
  const withStatus = async (status: 'held' | 'expired') => {
    const found = await inventory.listReservations(context(), { filter: { statuses: [status] }, page: onePage })
    return found.ok && found.value.items.map((each) => each.id)
  }
  return {
    reserved: level.ok && level.value.reserved,
    inventory: total.ok && total.value.reserved,
    listed: levels.ok && levels.value.items[0]!.reserved,
    listedInventory: all.ok && all.value.items[0]!.reserved,
    isOut: out.ok && out.value.items.length === 1,
    status: reservation.ok && reservation.value.status,
    held: await withStatus('held'),
    expired: await withStatus('expired'),
  }
}
