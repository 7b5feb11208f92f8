import type { Books } from './replay/compare.ts'
import type { Shop, Write } from './shop.ts'

/** A refusal as the SDK throws it, as far as anyone here looks at it. */
class Refusal extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

type Product = { id: string; sku: string; name: string; price: string }
type Movement = { kind: string; onHandChange: number; onHandAfter: number; sequence: number }

/**
 * A server made of maps, for tests: it keeps the promises that import and replay build on (a key takes effect once, a
 * refusal included; a SKU is unique; nothing is sold that is not there) and remembers what was asked of it at once.
 */
export function fakeShop() {
  const products = new Map<string, Product>()
  const stock = new Map<string, number>()
  const ledgers = new Map<string, Movement[]>()
  const verdicts = new Map<string, { body: string; verdict: unknown; refusal?: Refusal }>()
  const underWay = new Map<string, number>()
  const seen = { writes: 0, mostAtOnce: 0, mostAtOncePerProduct: 0, atOnce: 0, failAfter: Number.POSITIVE_INFINITY }

  async function once<T>(
    operation: string,
    subject: string,
    body: unknown,
    options: Write,
    effect: () => T,
  ): Promise<T> {
    const lost = ++seen.writes > seen.failAfter
    seen.mostAtOnce = Math.max(seen.mostAtOnce, ++seen.atOnce)
    const ofSubject = (underWay.get(subject) ?? 0) + 1
    underWay.set(subject, ofSubject)
    seen.mostAtOncePerProduct = Math.max(seen.mostAtOncePerProduct, ofSubject)
    // Answers come in another order than requests, as they do over a network.
    for (let turns = seen.writes % 5; turns > 0; turns--) await Promise.resolve()
    underWay.set(subject, ofSubject - 1)
    seen.atOnce--
    const verdict = decided(`${operation} ${options.idempotencyKey}`, JSON.stringify(body), options, effect)
    // The worst moment: it has taken effect, and nobody hears of it.
    if (lost) throw new Error('The connection was lost')
    return verdict
  }

  function decided<T>(id: string, body: string, options: Write, effect: () => T): T {
    const known = verdicts.get(id)
    if (known && known.body !== body) throw new Refusal('idempotency_key_reused')
    const verdict = known ?? { body, ...verdictOf(effect) }
    verdicts.set(id, verdict)
    options.onResponse?.({ replayed: known !== undefined })
    if (verdict.refusal) throw verdict.refusal
    return verdict.verdict as T
  }

  function change(productId: string, kind: string, units: number): void {
    const before = stock.get(productId)
    if (before === undefined) throw new Refusal('no_inventory')
    if (before + units < 0) throw new Refusal('insufficient_stock')
    stock.set(productId, before + units)
    const ledger = ledgers.get(productId) as Movement[]
    if (units !== 0)
      ledger.push({ kind, onHandChange: units, onHandAfter: before + units, sequence: ledger.length + 1 })
  }

  const shop: Shop & Books = {
    products: {
      create: (product, options) =>
        once('product', product.sku, product, options, () => {
          if (products.has(product.sku)) throw new Refusal('sku_taken')
          const created = { id: `id-of-${product.sku}`, sku: product.sku, name: product.name, price: product.price }
          products.set(product.sku, created)
          return created
        }),
      list: () => each(products.values()),
    },
    inventory: {
      create: (inventory, options) =>
        once('inventory', inventory.productId, inventory, options, () => {
          if (stock.has(inventory.productId)) throw new Refusal('inventory_exists')
          stock.set(inventory.productId, 0)
          ledgers.set(inventory.productId, [])
          change(inventory.productId, 'receipt', inventory.quantity)
        }),
      adjust: (id, adjustment, options) =>
        once('adjust', id, { id, ...adjustment }, options, () =>
          change(id, adjustment.reason === 'return' ? 'return' : 'adjustment', adjustment.quantityDelta),
        ),
      list: () => each([...stock].map(([id, quantity]) => ({ id, quantity, available: quantity }))),
      movements: (id) => each(ledgers.get(id) ?? []),
    },
    purchases: {
      create: (purchase, options) =>
        once('purchase', purchase.productId, purchase, options, () => {
          change(purchase.productId, 'sale', -purchase.quantity)
          return { total: String(purchase.quantity) }
        }),
    },
  }

  return {
    shop,
    seen,
    /** Units of each product, by SKU. */
    stock: () => new Map([...products.values()].map(({ id, sku }) => [sku, stock.get(id)])),
    /** Stock that someone else changes behind everyone's back. */
    steal: (sku: string, units: number) => {
      const id = `id-of-${sku}`
      stock.set(id, (stock.get(id) ?? 0) - units)
    },
  }
}

function verdictOf<T>(effect: () => T): { verdict: unknown; refusal?: Refusal } {
  try {
    return { verdict: effect() }
  } catch (refusal) {
    if (refusal instanceof Refusal) return { verdict: undefined, refusal }
    throw refusal
  }
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}
