import { type Breaker, type BreakerState, createBreaker } from '@abasto/chassis/circuit-breaker'
import type { Log } from '@abasto/chassis/log'
import { createClient, ErrorReply } from 'redis'
import { createPauses } from './pauses.ts'

/**
 * A way to Redis that never keeps anybody waiting: what is asked is answered within a budget, or has failed. While there
 * is no connection everything fails at once, and one is sought in the background.
 */
export type RedisLine = Readonly<{
  /** Asks the server that holds `key`; without one, every server there is. */
  ask: (command: readonly string[], kind: Kind, key?: string) => Promise<Answer>
  /** How the line is for commands of this kind; without a connection it is open. */
  state: (kind: Kind) => BreakerState
  close: () => Promise<void>
}>

/** A value, not an error: a cache that is away is nothing out of the ordinary, and may be asked often. */
export type Answer = Readonly<{ ok: true; value: unknown } | { ok: false; reason: Reason; message?: string }>

/** No connection; kept away by the breaker; no answer within the budget; Redis answered with an error. */
export type Reason = 'away' | 'resting' | 'timeout' | 'error'

export type Kind = keyof typeof BUDGET_MS

/**
 * How long each kind of command may take, in milliseconds. Whoever reads goes to the database instead, so they wait
 * hardly at all. News of a write is worth more patience: without it, others may read the old product for a second. A
 * probe asks on behalf of people.
 */
const BUDGET_MS = { read: 3, news: 100, probe: 1_000 }

/** Other budgets than those, for tests on a busy machine. */
export type Patience = Partial<Record<Kind, number>>

/** Commands without an answer on one connection; those beyond fail at once. */
const MAX_IN_FLIGHT = 2_000

/** A connection on which commands wait and nothing has been heard for so long is given up, in milliseconds. */
const HUNG_MS = 300

/** How long a new connection may take until it answers, and how long to wait before the next try, in milliseconds. */
const HANDSHAKE_MS = 500
const PAUSE_MS = 150

type Connection = {
  readonly client: ReturnType<typeof open>
  readonly breakers: Readonly<Record<Kind, Breaker>>
  inFlight: number
  /** When something was last heard, or the first of the commands that wait was sent. */
  quietSinceMs: number
}

const open = (url: string) =>
  createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    // We reconnect ourselves: the client would wait for ever for a peer that accepts and says nothing.
    socket: { reconnectStrategy: false, connectTimeout: HANDSHAKE_MS },
  })

export type LineOptions = Readonly<{ url: string; log?: Log | undefined; patience?: Patience | undefined }>

/** A line to one server, over one connection. */
export function openLine({ url, log, patience }: LineOptions): RedisLine {
  const budgetMs = { ...BUDGET_MS, ...patience }
  let connection: Connection | undefined
  let isUp: boolean | undefined
  const pauses = createPauses()
  let isClosed = false
  let hangUp = () => {}

  async function stayConnected(): Promise<void> {
    while (!isClosed) {
      const why = await holdOne()
      connection = undefined
      if (isClosed) return
      if (isUp !== false) log?.warn('cache.away', { reason: why })
      isUp = false
      await pauses.pause(PAUSE_MS)
    }
  }

  /** Connects once, and says why that came to an end. */
  async function holdOne(): Promise<string> {
    let client: Connection['client']
    try {
      client = open(url)
    } catch {
      // What the driver says of an address may repeat it, and with it a password.
      return 'its address cannot be used'
    }
    const lost = new Promise<string>((resolve) => {
      client.on('error', (error) => resolve(String(error)))
      client.on('end', () => resolve('the connection was closed'))
      hangUp = () => resolve('this process closed it')
    })
    try {
      const answered = client.connect().then(() => client.ping())
      const late = Bun.sleep(HANDSHAKE_MS).then(() => Promise.reject(new Error('no answer to the first command')))
      const fault = await Promise.race([answered.then(() => undefined), late, lost])
      if (fault) return fault
      connection = { client, breakers: newBreakers(), inFlight: 0, quietSinceMs: 0 }
      if (isUp === false) log?.info('cache.back')
      isUp = true
      return await Promise.race([lost, hung(connection)])
    } catch (error) {
      return String(error)
    } finally {
      connection = undefined
      client.destroy()
    }
  }

  function ask(command: readonly string[], kind: Kind): Promise<Answer> {
    const used = connection
    if (!used || used.inFlight >= MAX_IN_FLIGHT) return AWAY
    const breaker = used.breakers[kind]
    return breaker.tryEnter() ? askOn(used, breaker, command, budgetMs[kind]) : RESTING
  }

  const running = stayConnected()
  return {
    ask,
    state: (kind) => connection?.breakers[kind].state() ?? 'open',
    close: async () => {
      isClosed = true
      pauses.end()
      hangUp()
      await running
    },
  }
}

const AWAY: Promise<Answer> = Promise.resolve({ ok: false, reason: 'away' })
const RESTING: Promise<Answer> = Promise.resolve({ ok: false, reason: 'resting' })

const newBreakers = (): Connection['breakers'] => ({
  read: createBreaker(),
  // What was missed is told again five times a second: a longer rest would only make it later.
  news: createBreaker({ restMs: 250 }),
  probe: createBreaker({ failures: Number.POSITIVE_INFINITY }),
})

function askOn(used: Connection, breaker: Breaker, command: readonly string[], budgetMs: number): Promise<Answer> {
  if (used.inFlight++ === 0) used.quietSinceMs = performance.now()
  return new Promise((resolve) => {
    let isLate = false
    const giveUp = () => {
      isLate = true
      breaker.failed()
      resolve({ ok: false, reason: 'timeout' })
    }
    // When this process itself was held up, the answer may have come and not been looked at: one more look first.
    const timer = setTimeout(() => afterAnotherLook(() => isSettled || giveUp()), budgetMs)
    let isSettled = false
    const settle = (isGood: boolean, answer: Answer) => {
      isSettled = true
      clearTimeout(timer)
      used.inFlight--
      used.quietSinceMs = performance.now()
      if (isLate) return
      if (isGood) breaker.succeeded()
      else breaker.failed()
      resolve(answer)
    }
    used.client.sendCommand([...command]).then(
      (value) => settle(true, { ok: true, value }),
      (error: Error) => {
        if (!(error instanceof ErrorReply)) return settle(false, { ok: false, reason: 'away' })
        const { message } = error
        // A server that knows no script, or whose keys lie elsewhere, is well.
        settle(/^(NOSCRIPT|MOVED|ASK) /.test(message), { ok: false, reason: 'error', message })
      },
    )
  })
}

const afterAnotherLook = (then: () => void) => setImmediate(() => setImmediate(then))

/** Waits until commands on this connection have gone unanswered for too long. */
function hung(watched: Connection): Promise<string> {
  const isSilent = () => watched.inFlight > 0 && performance.now() - watched.quietSinceMs > HUNG_MS
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!watched.client.isOpen) return clearInterval(timer)
      if (!isSilent()) return
      afterAnotherLook(() => {
        if (!isSilent()) return
        clearInterval(timer)
        resolve('no answer')
      })
    }, HUNG_MS / 4)
  })
}
