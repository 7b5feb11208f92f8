import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import type { Line } from '../linearizability/projection.ts'
import { each } from '../stock/seller.ts'
import type { Recorder, Sending } from './recorder.ts'

/** One sending of a purchase of one unit. */
export type Buyer = Readonly<{ key: Uuid; isHasty: boolean }>

/** How long the hasty wait for an answer, in milliseconds: about as long as one takes. */
const HASTE_MS = 20

/** Buys a unit for each, so many at once; some look first. */
export async function buy(recorder: Recorder, product: Uuid, buyers: readonly Buyer[], callers: number): Promise<void> {
  const lines = [{ product, quantity: 1 }]
  await each(buyers.length, callers, async (index) => {
    const { key, isHasty } = buyers[index]!
    if (happens(5)) await recorder.read(product)
    const said = await recorder.sell(lines, isHasty ? { key, patienceMs: HASTE_MS } : { key })
    // Half of those who gave up ask once more, under the same key; the others never know.
    if (!said && happens(50)) await recorder.sell(lines, { key })
  })
}

/** A customer who fills a cart, and pays, or changes their mind, or is never seen again. */
export async function fillCart(recorder: Recorder, products: readonly Uuid[]): Promise<void> {
  const product = () => products[below(products.length)]!
  if (happens(25)) await recorder.read(product())
  if (happens(15)) await recorder.sell(linesOf(products, 2), sending())
  if (happens(10)) await adjust(recorder, product())

  const cart = Bun.randomUUIDv7()
  const lines = linesOf(products, 2 + below(4))
  // Whoever is quick with both hands may give back what is not held yet.
  if (happens(2))
    await Promise.all([recorder.reserve(cart, lines, sending()), recorder.release(cart, lines, sending())])
  else
    await once(
      () => recorder.reserve(cart, lines, sending()),
      (key) => recorder.reserve(cart, lines, { key }),
    )
  const choice = below(100)
  if (choice < 50)
    await once(
      () => recorder.commit(cart, lines, sending()),
      (key) => recorder.commit(cart, lines, { key }),
    )
  else if (choice < 80) await recorder.release(cart, lines, sending())
  else if (choice < 90) await Promise.all([recorder.commit(cart, lines), recorder.release(cart, lines)])
}

/** A customer whose cart is held for a second, and who comes to pay at about the moment when it is over. */
export async function comeLate(recorder: Recorder, products: readonly Uuid[]): Promise<void> {
  const cart = Bun.randomUUIDv7()
  const lines = linesOf(products, 2)
  await recorder.reserve(cart, lines, { ...sending(), ttlSeconds: 1 })
  if (happens(50)) await recorder.sell(linesOf(products, 1), sending())
  await Bun.sleep(600 + below(800))
  if (happens(30)) await recorder.read(products[below(products.length)]!)
  if (happens(50)) await recorder.commit(cart, lines, sending())
  else if (happens(40)) await recorder.release(cart, lines, sending())
  await recorder.sell(linesOf(products, 1), sending())
  if (happens(30)) await recorder.adjust(products[below(products.length)]!, 1 + below(6), false)
}

async function adjust(recorder: Recorder, product: Uuid): Promise<void> {
  if (happens(75)) await recorder.adjust(product, 1 + below(12), false, sending())
  else await recorder.adjust(product, -1 - below(2), happens(50), sending())
}

/** Does it, and for one in ten does it twice at once under one key. */
async function once(first: () => Promise<unknown>, again: (key: Uuid) => Promise<unknown>): Promise<void> {
  if (!happens(10)) return void (await first())
  const key = Bun.randomUUIDv7()
  await Promise.all([again(key), again(key)])
}

/** Few are in haste: what they never hear of makes the history hard to judge. */
function sending(): Sending {
  return happens(2) ? { patienceMs: HASTE_MS } : {}
}

/** Lines of different products, in any order. */
function linesOf(products: readonly Uuid[], count: number): readonly Line[] {
  const chosen = new Set<Uuid>()
  while (chosen.size < count) chosen.add(products[below(products.length)]!)
  return [...chosen].map((product) => ({ product, quantity: 1 + below(3) }))
}

function below(end: number): number {
  return Math.floor(Math.random() * end)
}

function happens(percent: number): boolean {
  return Math.random() * 100 < percent
}
