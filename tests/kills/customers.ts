import type { Uuid } from '../../packages/kernel/src/kernel.ts'
import { type Act, type Answer, type Line, NoAnswer, type Till } from './till.ts'

/** What customers were told, which the books must agree with. */
export type Told = {
  /** The purchases that were acknowledged. */
  readonly purchases: Set<Uuid>
  /** The reservations that were acknowledged, and what their customer was told became of them last. */
  readonly reservations: Map<Uuid, string>
  /** What must be on hand of each product, by all that was acknowledged. */
  readonly onHand: Map<Uuid, number>
  /** How often each kind of write was answered in each way: `sell ok`. */
  readonly answers: Record<string, number>
  /** Verdicts that no customer should be given. */
  readonly wrong: string[]
  /** Writes that had to be sent again, and of these those that had taken effect all the same. */
  sentAgain: number
  hadTakenEffect: number
  /** Reservations of which nobody ever heard: their customer left without an answer. */
  unheard: number
  slowestMs: number
}

export const nothingTold = (products: readonly Uuid[]): Told => ({
  purchases: new Set(),
  reservations: new Map(),
  onHand: new Map(products.map((id) => [id, OPENING])),
  answers: {},
  wrong: [],
  sentAgain: 0,
  hadTakenEffect: 0,
  unheard: 0,
  slowestMs: 0,
})

/** Where a customer finds the shop: `attempt` counts how often this write was sent before. Waits while it is closed. */
export type Find = (customer: number, attempt: number) => Promise<Till>

const LEFT_BEHIND = { code: 'left behind' } as const

const RIGHT = new Set(['insufficient_stock', 'reservation_expired', 'reservation_committed'])

/** What is on hand at the beginning of a product. */
export const OPENING = 300

/**
 * Lets in customers who buy, hold, take, give back and let expire, and clerks who receive and correct, all at once until they
 * are asked to leave. What is not answered is sent again under its key until it is, except that some who reserve walk away.
 */
export function letIn(find: Find, told: Told, count: number): () => Promise<void> {
  const products = [...told.onHand.keys()]
  let isOver = false

  const visits = Array.from({ length: count }, async (_, customer) => {
    while (!isOver) await visit(customer)
  })

  /** Sends a write until it is answered; or, if the customer has no patience, once. */
  async function write(
    customer: number,
    what: string,
    send: (till: Till, key: Uuid) => Promise<Answer>,
    isPatient = true,
  ) {
    const key = Bun.randomUUIDv7() as Uuid
    for (let attempt = 0; ; attempt++) {
      const till = await find(customer, attempt)
      const asked = performance.now()
      try {
        const answer = await send(till, key)
        note(what, answer, attempt)
        return answer
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error
        if (!isPatient) return LEFT_BEHIND
        told.sentAgain++
        await Bun.sleep(10 + Math.random() * 20)
      } finally {
        told.slowestMs = Math.max(told.slowestMs, performance.now() - asked)
      }
    }
  }

  function note(what: string, answer: Answer, attempt: number): void {
    const said = `${what} ${answer.ok ? 'ok' : answer.code}`
    told.answers[said] = (told.answers[said] ?? 0) + 1
    if (!answer.ok && !RIGHT.has(answer.code)) told.wrong.push(said)
    if (attempt > 0 && answer.ok && answer.isReplay) told.hadTakenEffect++
    if (attempt === 0 && answer.ok && answer.isReplay) told.wrong.push(`${what} was a replay of nothing`)
  }

  const change = ({ productId, quantity }: Line) =>
    told.onHand.set(productId, (told.onHand.get(productId) ?? 0) + quantity)

  async function visit(customer: number): Promise<void> {
    const chance = Math.random()
    if (chance < 0.4) return buy(customer)
    if (chance < 0.5) return restock(customer)
    return reserve(customer)
  }

  async function buy(customer: number): Promise<void> {
    const line = { productId: anyOf(products), quantity: upTo(3) }
    const answer = await write(customer, 'sell', (till, key) => till.sell(key, line))
    if (!('ok' in answer) || !answer.ok) return
    told.purchases.add(answer.id)
    change({ ...line, quantity: -line.quantity })
  }

  async function restock(customer: number): Promise<void> {
    const line = { productId: anyOf(products), quantity: Math.random() < 0.8 ? upTo(20) : -upTo(5) }
    const answer = await write(customer, 'adjust', (till, key) => till.adjust(key, line.productId, line.quantity))
    if ('ok' in answer && answer.ok) change(line)
  }

  async function reserve(customer: number): Promise<void> {
    const lines = distinct(products, upTo(4)).map((productId) => ({ productId, quantity: upTo(2) }))
    const isPatient = Math.random() < 0.7
    const held = await write(customer, 'reserve', (till, key) => till.reserve(key, lines, 1), isPatient)
    if (!('ok' in held)) told.unheard++
    if (!('ok' in held) || !held.ok) return
    told.reservations.set(held.id, 'held')
    if (Math.random() < 0.2) await act(customer, 'extend', held.id)
    const chance = Math.random()
    // Some come at the very end of what they hold, some never.
    if (chance < 0.1) await Bun.sleep(950 + Math.random() * 100)
    if (chance < 0.5 && (await act(customer, 'commit', held.id))) {
      for (const line of lines) change({ ...line, quantity: -line.quantity })
    } else if (chance < 0.75) await act(customer, 'release', held.id)
  }

  async function act(customer: number, what: Act, id: Uuid): Promise<boolean> {
    const answer = await write(customer, what, (till, key) => till.act(key, what, id))
    const isDone = 'ok' in answer && answer.ok
    if (isDone) told.reservations.set(id, answer.status)
    return isDone
  }

  return async () => {
    isOver = true
    await Promise.all(visits)
  }
}

const upTo = (most: number): number => 1 + Math.floor(Math.random() * most)

const anyOf = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)]!

const distinct = <T>(all: readonly T[], count: number): T[] => {
  const first = Math.floor(Math.random() * all.length)
  return Array.from({ length: count }, (_, index) => all[(first + index) % all.length]!)
}
