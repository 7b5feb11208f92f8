import { afterEach, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { faultsIn } from '../kills/books.ts'
import { OPENING } from '../kills/customers.ts'
import { type Branch, buildTown, type Town } from '../kills/town.ts'
import { figure } from '../stock/audit.ts'
import { replicaOf } from '../stock/service.ts'
import { past } from './shelf.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Clocks that differ were not tested: TEST_POSTGRES_URL is not set.')
else {
  let town: Town | undefined
  afterEach(() => town?.close(), 60_000)

  test('two processes whose clocks are an hour apart agree on what has expired, by the clock of the database', async () => {
    town = await buildTown(server, 3)
    const { url, products, open } = town
    const [ahead, behind] = await Promise.all([1, -1].map((way) => open(shifted(way * HALF_AN_HOUR_MS))))
    const both = [ahead!, behind!]
    const [lamp, chair, table] = products as [Uuid, Uuid, Uuid]
    expect((await clockOf(ahead!)) - (await clockOf(behind!))).toBeGreaterThan(2 * HALF_AN_HOUR_MS - 10_000)

    // What is held for long outlives the test, though the clock of one service is past its end from the first.
    const kept = await holdAt(behind!, table, 1, 600)
    const taken = await Promise.all(both.map((branch) => holdAt(branch, table, 1, 600)))
    const held = [await holdAt(ahead!, lamp, OPENING, 4), await holdAt(behind!, chair, OPENING, 4)]
    for (const branch of both) {
      for (const id of held) expect(await statusAt(branch, id)).toBe('held')
      expect(await buyAt(branch, lamp, 1)).toBe('insufficient_stock')
    }
    const committed = [await commitAt(behind!, taken[0]!), await commitAt(ahead!, taken[1]!)]
    const ends = await Promise.all(held.map((id) => endOf(ahead!, id)))
    for (const end of ends) expect(Math.abs(end - Date.now())).toBeLessThan(5_000)

    await past(Math.max(...ends))

    expect(committed).toEqual(['committed', 'committed'])
    for (const branch of both) {
      for (const id of held) {
        expect(await statusAt(branch, id)).toBe('expired')
        expect(await commitAt(branch, id)).toBe('reservation_expired')
      }
    }
    expect([await buyAt(behind!, lamp, OPENING), await buyAt(ahead!, chair, OPENING)]).toEqual(['ok', 'ok'])
    // Each has swept by now, more than once.
    await Bun.sleep(2_000)
    for (const branch of both) expect(await statusAt(branch, kept)).toBe('held')
    expect(await figure(url, 'SELECT sum(quantity) FROM inventory.holds')).toBe(1)
    for (const table of ['movements', 'purchases', 'reservations', 'operations']) {
      const wrong = `created_at NOT BETWEEN now() - interval '5 minutes' AND now()`
      expect(await figure(url, `SELECT count(*) FROM inventory.${table} WHERE ${wrong}`)).toBe(0)
    }
    expect(await faultsIn(url)).toEqual([])
  }, 180_000)
}

const HALF_AN_HOUR_MS = 30 * 60_000

const shifted = (ms: number) => ({
  BUN_OPTIONS: `--preload=${join(import.meta.dir, 'shifted-clock.ts')}`,
  CLOCK_SHIFT_MS: String(ms),
  LOG_LEVEL: 'info',
})

/** What a service takes the time to be: its log says so. */
async function clockOf({ process, log }: Branch): Promise<number> {
  await fetch(`${process.url}/api/v1/warehouses`, { headers: { 'X-API-Key': 'wrong' } })
  for (let wait = 0; wait < 50 && log() === ''; wait++) await Bun.sleep(20)
  return Date.parse(JSON.parse(log().split('\n')[0]!).timestamp)
}

async function holdAt({ http }: Branch, productId: Uuid, quantity: number, ttlSeconds: number): Promise<Uuid> {
  const held = await http.reserve(Bun.randomUUIDv7(), [{ productId, quantity }], ttlSeconds)
  if (!held.ok) throw new Error(held.code)
  return held.id
}

async function buyAt({ http }: Branch, productId: Uuid, quantity: number): Promise<string> {
  const sold = await http.sell(Bun.randomUUIDv7(), { productId, quantity })
  return sold.ok ? 'ok' : sold.code
}

async function commitAt({ http }: Branch, id: Uuid): Promise<string> {
  const committed = await http.act(Bun.randomUUIDv7(), 'commit', id)
  return committed.ok ? committed.status : committed.code
}

async function reservationAt({ process }: Branch, id: Uuid): Promise<{ status: string; expiresAt: string }> {
  const { url, apiKey, end } = process
  const { document } = await replicaOf({ urls: { products: url, inventory: url }, apiKey, end }).get(
    `/reservations/${id}`,
  )
  return document.data.attributes
}

const statusAt = async (branch: Branch, id: Uuid) => (await reservationAt(branch, id)).status

const endOf = async (branch: Branch, id: Uuid) => Date.parse((await reservationAt(branch, id)).expiresAt)
