import { createPauses } from './pauses.ts'
import { type Answer, type Kind, type LineOptions, openLine, type RedisLine } from './redis-line.ts'
import { redirectionIn, type SlotMap, slotMapIn, slotOf } from './redis-slots.ts'

/** A line to whatever the address names: one server or, where it is several with commas, a Redis Cluster. */
export const openRedis = (options: LineOptions): RedisLine =>
  options.url.includes(',') ? openCluster(options) : openLine(options)

/** How often the map is read anew: while all is well, and while something is not where it was, in milliseconds. */
const LOOK_MS = 5_000
const ANXIOUS_LOOK_MS = 100

/**
 * A line to each primary of a cluster, and to the servers that the address names. Every server has its own connection,
 * budgets and breakers, so one that hangs costs its share of the keys and no more. Which server holds which key is read
 * from whoever answers; what was sent to the wrong one goes on to the right one, once.
 *
 * The client of the `redis` package for clusters is not used: it has commands wait while it looks for a primary.
 */
export function openCluster({ url, ...options }: LineOptions): RedisLine {
  const seeds = url.split(',').map((each) => new URL(each))
  // A node says where others are, not how to speak to them: as to the first.
  const addressOf = (server: string): string => {
    const address = new URL(seeds[0]!)
    address.host = server
    return address.href
  }
  const serverAt = ({ hostname, port }: URL): string => `${hostname}:${port || '6379'}`
  const named = seeds.map(serverAt)
  const lines = new Map<string, RedisLine>()
  const pauses = createPauses()
  let slots: SlotMap | undefined
  let isAnxious = true
  let isClosed = false

  function lineTo(server: string): RedisLine {
    const line = lines.get(server) ?? openLine({ ...options, url: addressOf(server) })
    lines.set(server, line)
    return line
  }

  async function keepLooking(): Promise<void> {
    let lookedMs = Number.NEGATIVE_INFINITY
    for (; !isClosed; await pauses.pause(ANXIOUS_LOOK_MS)) {
      if (!isAnxious && performance.now() - lookedMs < LOOK_MS) continue
      lookedMs = performance.now()
      const found = await currentSlots()
      if (found && !isClosed) use(found)
    }
  }

  /** What one of them says, any that answers: one that was cut off from the others is not asked for ever. */
  async function currentSlots(): Promise<SlotMap | undefined> {
    for (const server of shuffled(new Set([...(slots?.servers ?? []), ...named]))) {
      const answer = await lineTo(server).ask(['CLUSTER', 'SLOTS'], 'probe')
      const found = answer.ok ? slotMapIn(answer.value, hostOf(server)) : undefined
      if (found && found.servers.length > 0) return found
    }
    return undefined
  }

  function use(found: SlotMap): void {
    slots = found
    isAnxious = false
    for (const server of found.servers) lineTo(server)
    for (const [server, line] of lines) {
      if (found.servers.includes(server) || named.includes(server)) continue
      lines.delete(server)
      void line.close()
    }
  }

  async function askOne(command: readonly string[], kind: Kind, key: string): Promise<Answer> {
    const server = slots?.serverOf(slotOf(key))
    if (server === undefined) return { ok: false, reason: 'away' }
    const answer = await lineTo(server).ask(command, kind)
    if (answer.ok) return answer
    const { reason, message = '' } = answer
    // Somebody else may hold its keys by now, or soon.
    if (reason === 'away' || /^(MOVED|CLUSTERDOWN) /.test(message)) isAnxious = true
    const redirection = redirectionIn(message, hostOf(server))
    if (!redirection) return answer
    const there = lineTo(redirection.server)
    // Both go out in this order over the one connection.
    if (redirection.isOnce) void there.ask(['ASKING'], kind)
    return there.ask(command, kind)
  }

  async function askAll(command: readonly string[], kind: Kind): Promise<Answer> {
    if (!slots?.isWhole) return { ok: false, reason: 'away' }
    const answers = await Promise.all(slots.servers.map((server) => lineTo(server).ask(command, kind)))
    return answers.find(({ ok }) => !ok) ?? answers[0]!
  }

  for (const server of named) lineTo(server)
  const looking = keepLooking()
  return {
    ask: (command, kind, key) => (key === undefined ? askAll(command, kind) : askOne(command, kind, key)),
    state: (kind) => {
      const states = slots?.servers.map((server) => lineTo(server).state(kind)) ?? ['open']
      return (['open', 'half_open'] as const).find((state) => states.includes(state)) ?? 'closed'
    },
    close: async () => {
      isClosed = true
      pauses.end()
      await Promise.all([...lines.values()].map((line) => line.close()))
      await looking
    },
  }
}

const hostOf = (server: string): string => server.slice(0, server.lastIndexOf(':'))

function shuffled<T>(all: Iterable<T>): T[] {
  return [...all]
    .map((each) => ({ each, place: Math.random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ each }) => each)
}
