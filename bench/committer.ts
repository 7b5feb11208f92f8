import type { Command } from '@abasto/inventory/domain/command'
import { DEFAULT_WAREHOUSE } from '@abasto/inventory/domain/warehouse'
import type { Uuid } from '@abasto/kernel'
import { type Contestant, quantile, type Sample } from './contestant.ts'
import type { Counter } from './counter.ts'
import { checkLedger, type Tally } from './ledger-check.ts'
import type { Scene } from './scene.ts'

/** How many callers wait for their purchase at any moment. */
const CALLERS = 256

const DEADLINE_MS = 10_000

const sold: Tally = { answered: 0, inFlight: 0 }
let users = 0

/** Purchases at the adapter: the committer and the SQL adapter without HTTP, called from this process. */
export async function openCommitterContestant(scene: Scene, spread: 'hot' | 'random'): Promise<Contestant> {
  const counter = await scene.counter()
  users++
  const [hot, ...others] = counter.products
  const pick = spread === 'hot' ? () => hot! : () => others[Math.floor(Math.random() * others.length)]!
  const sample = async (seconds: number): Promise<Sample> => {
    counter.takeRounds()
    const { latencies, elapsedMs } = await sell(counter, pick, seconds)
    sold.answered += latencies.length
    latencies.sort()
    const { rounds, commands, lost, mostTries } = counter.takeRounds()
    return {
      perSecond: (latencies.length / elapsedMs) * 1000,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      notes: { 'purchases to a write': commands / rounds, 'groups lost': lost, 'most tries': mostTries },
    }
  }
  await sample(scene.warmUpSeconds)
  return {
    sample,
    close: async () => {
      if (--users > 0) return
      await counter.close()
      await checkLedger('adapter', counter.url, counter.products.length, sold)
    },
  }
}

async function sell({ commit }: Counter, pick: () => Uuid, seconds: number) {
  const latencies: number[] = []
  const startedAt = performance.now()
  const endAt = startedAt + seconds * 1000
  const buyAgainAndAgain = async () => {
    for (let from = performance.now(); from < endAt; ) {
      const verdict = await commit(sale(pick()), Date.now() + DEADLINE_MS)
      if (!verdict.ok) throw new Error(`A purchase was refused: ${verdict.error.message}`)
      const to = performance.now()
      latencies.push(to - from)
      from = to
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, buyAgainAndAgain))
  return { latencies: Float64Array.from(latencies), elapsedMs: performance.now() - startedAt }
}

const price = { minor: 1250, currency: 'EUR' }
const offer = { ok: true, value: { unitPrice: price, total: price } } as const

/** One unit for a caller who never asked before: a new purchase, a new operation. */
const sale = (productId: Uuid): Command => ({
  type: 'sell',
  lines: [{ purchaseId: Bun.randomUUIDv7(), productId, warehouseId: DEFAULT_WAREHOUSE, quantity: 1, offer }],
  operationId: crypto.randomUUID(),
  fingerprint: '0123456789abcdef0123456789abcdef',
  actor: 'owner',
})
