import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { found, isFull, size } from '../stock/size.ts'
import { type SharedStore, storesFor } from '../stores/shared-store.ts'
import { DEADLINE_MS } from './afterwards.ts'
import { letIn, nothingTold, type Told } from './customers.ts'
import { type Branch, buildTown, disagreements, type Town, untilNothingIsHeld } from './town.ts'

/** Where the inventory service is killed, and at which passing of that place: one of these, by chance. */
const PLACES = [
  { place: 'after-read', passings: [5, 60] },
  { place: 'after-decide', passings: [5, 60] },
  { place: 'after-send', passings: [5, 60] },
  { place: 'after-commit', passings: [5, 60] },
  // Expired stock that is ended on the way of a sale, and by the sweeper.
  { place: 'after-send-of-expiry', passings: [1, 3] },
  { place: 'sweep-found', passings: [2, 2] },
  { place: 'sweep-ended', passings: [2, 2] },
] as const

for (const { store, server } of storesFor('Killing the inventory service')) {
  describe(`the inventory service on ${store.name} is killed while customers write, and comes up again`, () =>
    killedOn(store, server))
}

function killedOn(store: SharedStore, server: string): void {
  let town: Town
  let told: Told
  let open: Promise<Branch>
  const find = async (customer: number) => (customer % 3 === 0 ? (await open).grpc : (await open).http)

  beforeAll(async () => {
    town = await buildTown(server, 6, store)
    told = nothingTold(town.products)
  }, 60_000)
  afterAll(() => town?.close(), 60_000)

  test.each(isFull || store.isUsual ? PLACES : PLACES.filter(({ place }) => place === 'after-send'))(
    '$place: everything takes effect exactly once, and nothing stays held',
    async ({ place, passings: [first, last] }) => {
      const rounds = size({ usual: 1, full: store.isUsual ? 40 : 12 })
      const before = { ...told }
      const downMs: number[] = []
      let kills = 0

      for (let round = 0; round < rounds; round++) {
        // By turns it dies once, and twice in a row; in the usual run twice at one of the places.
        const isTwice = isFull ? round % 2 === 1 : place === 'after-send'
        const inARow = isTwice ? 2 : 1
        const passing = () => first + Math.floor(Math.random() * (last - first + 1))
        const dying = () => town.open({ ABASTO_FAILPOINT: `${place}:${passing()}` })
        open = dying()
        const leave = letIn(find, told, 16)
        for (let kill = 1; kill <= inARow; kill++) {
          expect(await within(30_000, (await open).process.ended)).toBe('SIGKILL')
          const died = performance.now()
          open = kill < inARow ? dying() : town.open()
          await open
          downMs.push(performance.now() - died)
          kills++
        }
        await Bun.sleep(200)
        await leave()

        expect(await disagreements(town.url, told)).toEqual([])
        expect(told.wrong).toEqual([])
        if (isFull && round === rounds - 1) await untilNothingIsHeld(town.url)
        const survivor = await open
        expect(survivor.log()).toBe('')
        expect(await survivor.process.end('SIGTERM')).toBe(0)
      }

      expect(told.slowestMs).toBeLessThan(DEADLINE_MS + 1_000)
      const hadTakenEffect = told.hadTakenEffect - before.hadTakenEffect
      if (isFull && place === 'after-commit') expect(hadTakenEffect).toBeGreaterThan(kills / 2)
      found(`kill -9 of the inventory service on ${store.name}: ${place}`, {
        kills,
        'writes sent again': told.sentAgain - before.sentAgain,
        'of these had taken effect': hadTakenEffect,
        'reservations nobody heard of': told.unheard - before.unheard,
        'closed for (ms, at most)': Math.round(Math.max(...downMs)),
      })
    },
    size({ usual: 60_000, full: 900_000 }),
  )

  test('in the end nothing is held that nobody was told of', async () => {
    open = town.open()
    await open
    await untilNothingIsHeld(town.url)

    expect(await disagreements(town.url, told)).toEqual([])
    expect(await store.misfits(town.url)).toEqual([])
    found(`customers of the inventory service that is killed, ${store.name}`, {
      answers: told.answers,
      'slowest answer (ms)': Math.round(told.slowestMs),
    })
  }, 60_000)
}

const within = <T>(ms: number, promise: Promise<T>): Promise<T> =>
  Promise.race([promise, Bun.sleep(ms).then(() => Promise.reject(new Error(`it did not happen within ${ms} ms`)))])
