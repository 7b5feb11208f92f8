import { expect, test } from 'bun:test'
import type { Listener } from '../../packages/chassis/src/http/listen.ts'
import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { openProxy, type TcpProxy } from '../network/tcp-proxy.ts'
import { found, size } from '../stock/size.ts'
import { startProductsProcess } from './products-process.ts'
import { API_KEY, asked, connectProducts, listenHttp, memoryInventory } from './services.ts'

// Inventory over real HTTP, with its products behind a cable that fails again and again under load. How often each
// fault was met: `bun run prove` wants 500 of each.
const FAULTS = size({ usual: 3, full: 500 })

/** How long a fault lasts, and how long all is well after something was sold again, in milliseconds. */
const FAULTY_MS = 150
const WELL_MS = 50

/** A request is answered before this, in milliseconds: its ten seconds, and some for a busy machine. */
const DEADLINE_MS = 12_000

type Fault = Readonly<{ name: string; begin: (place: Place) => unknown; end: (place: Place) => unknown }>

const faults: readonly Fault[] = [
  { name: 'killed', begin: ({ products }) => products.kill(), end: ({ products }) => products.startAgain() },
  { name: 'hung', begin: ({ proxy }) => proxy.hang(), end: ({ proxy }) => proxy.pass() },
  { name: 'cut', begin: ({ proxy }) => proxy.cut(), end: ({ proxy }) => proxy.pass() },
  { name: 'slow', begin: ({ proxy }) => proxy.slow(100), end: ({ proxy }) => proxy.pass() },
]

test.each(faults)(
  'while the products are $name, sales are answered in time and all else goes on, and it passes by itself',
  async (fault) => {
    const place = await open()
    const tally = { sold: 0, unavailable: 0, other: 0, reads: 0, badReads: 0, slowestMs: 0, slowestReadMs: 0 }
    let isOpen = true
    let recoveredMs = 0
    const customers = Array.from({ length: 8 }, async () => {
      while (isOpen) {
        const { status, ms } = await place.buy()
        if (status === 201) tally.sold++
        else if (status === 503) tally.unavailable++
        else tally.other++
        tally.slowestMs = Math.max(tally.slowestMs, ms)
        await Bun.sleep(5)
      }
    })
    const readers = Array.from({ length: 2 }, async () => {
      while (isOpen) {
        const { status, ms } = await place.read()
        if (status === 200) tally.reads++
        else tally.badReads++
        tally.slowestReadMs = Math.max(tally.slowestReadMs, ms)
        await Bun.sleep(5)
      }
    })

    for (let count = 0; count < FAULTS; count++) {
      await fault.begin(place)
      await Bun.sleep(FAULTY_MS)
      await fault.end(place)
      recoveredMs = Math.max(recoveredMs, await place.sellsAgain())
      await Bun.sleep(WELL_MS)
    }
    isOpen = false
    await Promise.all([...customers, ...readers])

    found(`products ${fault.name} under load`, { faults: FAULTS, ...tally, recoveredMs: Math.round(recoveredMs) })
    expect(tally.other).toBe(0)
    expect(tally.badReads).toBe(0)
    expect(tally.reads).toBeGreaterThan(FAULTS)
    expect(tally.slowestMs).toBeLessThan(DEADLINE_MS)
    expect(tally.slowestReadMs).toBeLessThan(5_000)
    expect(await place.booksAreRight()).toBe(true)
    await place.close()
  },
  60_000 + FAULTS * 5_000,
)

test('while the products hang, every sale is refused within the deadline, and the first after it is sold', async () => {
  const place = await open()
  expect((await place.buy()).status).toBe(201)
  place.proxy.hang()

  const refused = await Promise.all(Array.from({ length: 20 }, () => place.buy()))

  expect(refused.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 503))
  expect(Math.max(...refused.map(({ ms }) => ms))).toBeLessThan(DEADLINE_MS)
  expect((await place.read()).status).toBe(200)
  place.proxy.cut()
  place.proxy.pass()
  expect(await place.sellsAgain()).toBeLessThan(15_000)
  await place.close()
}, 60_000)

type Place = Awaited<ReturnType<typeof open>>

/** A shop of two services, with a cable between them that can be made to fail. */
async function open() {
  const products = await startProductsProcess()
  const proxy: TcpProxy = await openProxy(products.port)
  const { peer, products: remote } = connectProducts(`127.0.0.1:${proxy.port}`)
  const inventory = memoryInventory(remote)
  const http: Listener = listenHttp({ inventory })
  const productId = Bun.randomUUIDv7()
  const opened = await inventory.openInventory(asked(), { productId, quantity: 1_000_000 })
  if (!opened.ok) throw new Error(opened.error.message)

  const send = async (path: string, init: RequestInit = {}) => {
    const startedMs = performance.now()
    const type = 'application/vnd.api+json'
    const headers = { 'X-API-Key': API_KEY, Accept: type, 'Content-Type': type }
    const response = await fetch(`${http.url}/api/v1${path}`, { ...init, headers })
    await response.arrayBuffer()
    return { status: response.status, ms: performance.now() - startedMs }
  }
  const buy = () => send('/purchases', { method: 'POST', body: saleOf(productId) })

  return {
    products,
    proxy,
    buy,
    read: () => send(`/inventory/${productId}`),
    /** How long it takes until something is sold again. */
    sellsAgain: async () => {
      const startedMs = performance.now()
      while ((await buy()).status !== 201) {
        if (performance.now() - startedMs > 30_000) throw new Error('Nothing is sold any more.')
        await Bun.sleep(50)
      }
      return performance.now() - startedMs
    },
    /** Whether as much has left as is on purchases. */
    booksAreRight: async () => {
      let sold = 0
      for (let after: string | undefined; ; ) {
        const page = await inventory.listPurchases(asked(), { size: 100, ...(after ? { after } : {}) })
        if (!page.ok) throw new Error(page.error.message)
        for (const { quantity } of page.value.items) sold += quantity
        if (!page.value.hasNext) break
        after = page.value.items.at(-1)?.id
      }
      const level = await inventory.getInventory(asked(), productId)
      return level.ok && level.value.onHand === 1_000_000 - sold
    },
    close: async () => {
      await http.stop()
      peer.close()
      proxy.pass()
      await products.kill()
      await proxy.close()
    },
  }
}

const saleOf = (productId: Uuid): string =>
  JSON.stringify({
    data: {
      type: 'purchases',
      attributes: { quantity: 1 },
      relationships: { product: { data: { type: 'products', id: productId } } },
    },
  })
