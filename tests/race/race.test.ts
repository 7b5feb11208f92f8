import { afterAll, describe, expect, test } from 'bun:test'
import type { Sent } from '../linearizability/projection.ts'
import { found, isFull, size } from '../stock/size.ts'
import { booksAt, type SharedStore, storesFor } from '../stores/shared-store.ts'
import { openCourse } from './course.ts'
import type { Buyer } from './customers.ts'
import { judged, wallAheadMs, withExpiries } from './judged.ts'
import { placesIn } from './places.ts'

for (const { store, server } of storesFor('The race')) describe(`on ${store.name}`, () => raceOn(store, server))

function raceOn(store: SharedStore, server: string): void {
  const { name, isUsual } = store
  const closing: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const close of closing) await close()
  }, 60_000)

  const course = async (options: Parameters<typeof openCourse>[2]) => {
    const opened = await openCourse(store, server, options)
    closing.push(opened.close)
    return opened
  }

  const isWhole = isFull || isUsual
  // A part for every change: the one in which processes meet most.
  if (isWhole)
    test('four processes sell the last units to twenty times as many, on a cable that is cut: each unit once', async () => {
      const units = size({ usual: 100, full: 1_000 })
      const buyers = size({ usual: 2_000, full: 20_000 })
      const { url, products, cable, run } = await course({
        products: 1,
        quantity: units,
        backorderLimit: 0,
        cuts: { writes: 150, reads: 20 },
      })
      const [product] = products as [string]
      const parts = buyersOf(buyers).map((own) => ({ part: 'buyers', product, buyers: own, callers: 64 }) as const)

      const { sent, tries, seconds } = await run(parts)

      const places = await placesIn(url)
      const { faults, circle, figures } = judged(sent, products, { onHand: units, sequence: 1 }, places)
      const outcomes = outcomesOf(sent)
      const books = booksAt(url)
      const purchases = await books.purchases()
      const sold = purchases.length
      found(`${units} units, ${buyers} buyers, four processes, a cable that is cut, ${name}`, {
        ...figures,
        sold,
        answers: outcomes,
        ...cable.figures(),
        'commands by number of tries': tries,
        seconds,
      })
      expect(sold).toBe(units)
      expect(faults).toEqual([])
      expect(circle).toEqual([])
      expect(purchases.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(units)
      expect((await books.levels()).map(({ onHand }) => onHand)).toEqual([0])
      expect(new Set((await books.movements()).map(({ operation }) => operation)).size).toBe(units + 1)
      expect(await faultsAfter(url)).toEqual([])
      expect(sentAway(sent, ['insufficient_stock'])).toEqual([])
      expect(cable.worst()).toBeGreaterThan(0)
    }, 300_000)

  test('four processes reserve 2 to 5 of 20 products at a time: nothing torn, no deadlock, nobody sent away', async () => {
    const carts = size(isUsual ? { usual: 200, full: 7_500 } : { usual: 30, full: 2_000 })
    const quantity = size({ usual: 100, full: 1_500 })
    const { url, products, cable, run } = await course({
      products: 20,
      quantity,
      backorderLimit: 5,
      // A small race makes some 40 writes, and one of them at least is to be cut where it hurts most.
      cuts: { writes: isUsual ? 40 : size({ usual: 150, full: 40 }), reads: 10 },
    })
    const parts = [1, 2, 3, 4].map(() => ({ part: 'carts', products, carts, callers: 16 }) as const)

    const { sent, tries, seconds } = await run(parts)

    expect(await store.misfits(url)).toEqual([])
    const places = await placesIn(url)
    const { faults, circle, figures } = judged(
      sent,
      products,
      { onHand: quantity, backorderLimit: 5, sequence: 1 },
      places,
    )
    const deadlocks = await booksAt(url).deadlocks?.()
    const { ok = 0, 'never answered': unanswered = 0, ...refusals } = outcomesOf(sent)
    found(`reservations of 2 to 5 of 20 products from four processes, a cable that is cut, ${name}`, {
      ...figures,
      answers: { ok, 'never answered': unanswered, ...refusals },
      ...(deadlocks === undefined ? {} : { deadlocks }),
      ...cable.figures(),
      'commands by number of tries': tries,
      seconds,
    })
    expect(faults).toEqual([])
    expect(circle).toEqual([])
    expect(await faultsAfter(url)).toEqual([])
    expect(deadlocks ?? 0).toBe(0)
    expect(ok).toBeGreaterThan(0)
    const reasons = ['insufficient_stock', 'reservation_not_found', 'reservation_released', 'reservation_committed']
    expect(sentAway(sent, reasons)).toEqual([])
    expect(cable.worst()).toBeGreaterThan(0)
  }, 600_000)

  if (isWhole)
    test('carts that expire while their customers come to pay: in time or refused, and what is free again is sold', async () => {
      const carts = size({ usual: 40, full: isUsual ? 1_000 : 400 })
      const { url, products, cable, run } = await course({
        products: 5,
        quantity: size({ usual: 100, full: 600 }),
        backorderLimit: 0,
        cuts: { writes: 40, reads: 10 },
      })
      const parts = [1, 2, 3, 4].map(
        () => ({ part: 'late', products, carts, callers: size({ usual: 16, full: 32 }) }) as const,
      )

      const { sent, tries, seconds } = await run(parts)

      const start = { onHand: size({ usual: 100, full: 600 }), sequence: 1 }
      const { faults, circle, figures } = judged(withExpiries(sent), products, start, await placesIn(url))
      const outcomes = outcomesOf(sent.filter(({ asked }) => asked.type === 'commit'))
      const late = committedLate(sent)
      found(`carts that expire while they are paid, four processes, ${name}`, {
        ...figures,
        'answers to commits': outcomes,
        'committed after their time': late.length,
        'commands by number of tries': tries,
        ...cable.figures(),
        seconds,
      })
      expect(faults).toEqual([])
      expect(circle).toEqual([])
      expect(late).toEqual([])
      expect(await faultsAfter(url)).toEqual([])
      const reasons = ['insufficient_stock', 'reservation_not_found', 'reservation_expired']
      expect(sentAway(sent, reasons)).toEqual([])
      expect(outcomes.ok).toBeGreaterThan(0)
      expect(outcomes.reservation_expired).toBeGreaterThan(0)
    }, 300_000)
}

/** What is wrong with the books after a race: all that is ever looked for, and what only a race can tear. */
async function faultsAfter(url: string): Promise<readonly string[]> {
  const books = booksAt(url)
  return [...(await books.faults()), ...(await books.torn())]
}

/** Who waited and has no answer, or was refused for another reason than those of the shop: for having met somebody. */
const sentAway = (sent: readonly Sent[], reasons: readonly string[]): readonly Sent[] =>
  sent.filter(({ said, isHasty }) => (said ? !said.ok && !reasons.includes(said.code) : !isHasty))

/** The commits that succeeded though they were asked for when the time was up already. */
function committedLate(sent: readonly Sent[]): readonly Sent[] {
  const ends = new Map<string, number>()
  for (const { asked, said } of sent) {
    if (asked.type === 'reserve' && said?.ok && said.expiresAtMs !== undefined) {
      ends.set(asked.reservation, said.expiresAtMs - wallAheadMs())
    }
  }
  return sent.filter(({ asked, said, invoked }) => {
    if (asked.type !== 'commit' || !said?.ok) return false
    // Two milliseconds for having compared the clocks.
    return invoked > (ends.get(asked.reservation) ?? Number.POSITIVE_INFINITY) + 2
  })
}

/**
 * What each of four processes is to send: every buyer once, and one in ten once more under the same key, by another
 * process at about the same time or by the same one.
 */
function buyersOf(count: number): readonly (readonly Buyer[])[] {
  const parts: Buyer[][] = [[], [], [], []]
  for (let index = 0; index < count; index++) {
    const buyer = { key: Bun.randomUUIDv7(), isHasty: Math.random() < 0.02 }
    parts[index % 4]!.push(buyer)
    if (index % 10 === 0) parts[(index + (index % 20 === 0 ? 0 : 1)) % 4]!.push({ ...buyer, isHasty: false })
  }
  return parts
}

function outcomesOf(sent: readonly { said?: { ok: boolean; code?: string } | undefined }[]): Record<string, number> {
  const outcomes: Record<string, number> = {}
  for (const { said } of sent) {
    const outcome = !said ? 'never answered' : said.ok ? 'ok' : (said.code ?? '')
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  return outcomes
}
