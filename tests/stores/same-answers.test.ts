import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type RunningShop, runShop, temporaryFolder } from '../running-shop.ts'
import { SHARED_STORES } from './shared-store.ts'
import { CHAPTERS } from './visit/chapters.ts'
import { customerOf, type Page } from './visit/customer.ts'

const servers = SHARED_STORES.flatMap((store) => {
  const server = process.env[store.needs]
  if (server) return [{ store, server }]
  console.log(`The answers of ${store.name} were not compared: ${store.needs} is not set.`)
  return []
})

/** What a customer was answered, by the chapter. */
type Visit = Readonly<Record<string, readonly Page[]>>

describe('the same few hundred requests', () => {
  const visits: Record<string, Visit> = {}
  const leaving: (() => unknown)[] = []

  beforeAll(async () => {
    const shops: Record<string, RunningShop> = {}
    const open = async (name: string, settings: Readonly<Record<string, string>>) => {
      const { folder, remove } = temporaryFolder()
      const shop = await runShop(folder, {}, settings)
      leaving.push(() => shop.stop().then(remove))
      shops[name] = shop
    }
    // One after the other: while an embedded database is made, this process hears nothing of a server.
    await open('embedded', {})
    for (const { store, server } of servers) {
      const { url, drop } = await store.fresh(server)
      leaving.push(drop)
      await open(store.name, store.settings(url))
    }
    await Promise.all(
      Object.entries(shops).map(async ([name, shop]) => {
        visits[name] = await visited(shop)
      }),
    )
  }, 120_000)

  afterAll(async () => {
    for (const leave of leaving.toReversed()) await leave()
  }, 60_000)

  test.each(Object.keys(CHAPTERS))('are answered the same by every store: %s', (chapter) => {
    const expected = visits.embedded![chapter]!
    for (const { store } of servers) {
      for (const [index, page] of visits[store.name]![chapter]!.entries()) {
        expect({ store: store.name, ...page }).toEqual({ store: store.name, ...expected[index]! })
      }
      expect(visits[store.name]![chapter]).toHaveLength(expected.length)
    }
  })

  test('meet every way to be answered that a customer can meet', () => {
    const pages = Object.values(visits.embedded!).flat()
    const met = new Set(pages.map(({ answered }) => (answered as { status: number }).status))

    expect(pages.length).toBeGreaterThan(500)
    expect([...met].toSorted()).toEqual([200, 201, 204, 400, 404, 409, 412, 422])
  })
})

async function visited(shop: RunningShop): Promise<Visit> {
  const pages: Record<string, readonly Page[]> = {}
  for (const [name, chapter] of Object.entries(CHAPTERS)) {
    const customer = customerOf(shop)
    await chapter(customer)
    pages[name] = customer.pages
  }
  return pages
}
