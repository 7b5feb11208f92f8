import { GONE } from '../traffic.ts'
import { worldDatabase } from './database.ts'
import { createNetwork } from './network.ts'
import type { RedisServer } from './redis-server.ts'
import { type Replica, startReplica } from './replica.ts'
import { parsed } from './rule.ts'

type Write = Readonly<{ id: string; what: 'change' | 'delete'; operation: string }>

const TTL_MS = 300_000

/** Processes that share a database and a Redis, the people who ask them, and what these people were promised. */
export function createWorld({ redis, ids }: Readonly<{ redis: RedisServer; ids: readonly string[] }>) {
  let nowMs = 0
  /** Promises that were broken, a sentence each. */
  const broken: string[] = []
  const network = createNetwork()
  const database = worldDatabase(ids, () => nowMs)
  const replicas: Replica[] = []
  /** The version that whoever asks from now on must be shown, or a later one. */
  const promised = new Map(ids.map((id) => [id, 1]))
  const tombstones = new Set<string>()
  /** How often something of a product was forgotten. */
  const forgotten = new Map(ids.map((id) => [id, 0]))
  /** Writes whose process died: their clients send them again. */
  const orphans: Write[] = []
  const writing = new Map<Write, number>()
  const reading = new Set<Readonly<{ by: number }>>()
  let operations = 0
  const counts = { reads: 0, writes: 0, deletions: 0, tells: 0, fills: 0, kills: 0, outages: 0 }

  const keyOf = (id: string) => `products:{${id}}`
  const breaks = (what: string) => void broken.push(what)

  function promise(id: string, version: number): void {
    promised.set(id, Math.max(promised.get(id)!, version))
    lookAt(id)
  }

  /** Whoever asked for it now would be shown what Redis holds: that must not be older than was promised. */
  function lookAt(id: string): void {
    const shown = Number(/^\d+/.exec(redis.held(keyOf(id))?.text ?? '')?.[0] ?? GONE)
    const wanted = promised.get(id)!
    if (shown < wanted) breaks(`whoever reads now is shown ${named(shown)} of ${id} instead of ${named(wanted)}`)
  }

  async function runOnRedis(command: readonly string[]) {
    const { name, verb, key, values } = parsed(command)
    const reply = await redis.run(command, nowMs)
    const id = key.slice('products:{'.length, -1)
    if (reply.ok && (name === 'outdate' || name === 'bury')) {
      counts.tells++
      promise(id, name === 'bury' ? GONE : Number(values[0]))
      if (name === 'bury') tombstones.add(id)
    }
    if (reply.ok && name === 'fill' && reply.value === 1) counts.fills++
    lookAt(id)
    const held = redis.held(key)
    if (held && held.expiresMs > nowMs + TTL_MS) breaks(`${name ?? verb} left ${held.text} there for ever`)
    if (tombstones.has(id) && held?.text !== '-') breaks(`${name ?? verb} took the tombstone of a deleted product away`)
    return reply
  }

  function forgets(id: string): void {
    tombstones.delete(id)
    forgotten.set(id, forgotten.get(id)! + 1)
  }

  async function forget(id: string): Promise<void> {
    forgets(id)
    await redis.forget(keyOf(id))
  }

  function start(hasRedis: boolean): Replica {
    const replica = startReplica(replicas.length, hasRedis, { network, database, redis: runOnRedis })
    replicas.push(replica)
    return replica
  }

  async function read(replica: Replica, id: string): Promise<number | undefined> {
    const wanted = promised.get(id)!
    const reader = { by: replica.number }
    reading.add(reader)
    const shown = await replica.version(id).catch((error) => void breaks(`a reader met with ${error}`))
    reading.delete(reader)
    if (!replica.isAlive || shown === undefined) return undefined
    counts.reads++
    if (shown < wanted) breaks(`replica ${replica.number} shows ${named(shown)} of ${id} instead of ${named(wanted)}`)
    if (shown > database.committed(id)) breaks(`replica ${replica.number} shows what was never written of ${id}`)
    return shown
  }

  async function send(replica: Replica, write: Write): Promise<void> {
    const { id } = write
    const before = { troubles: replica.troubles, isCut: replica.isCut, forgotten: forgotten.get(id) }
    writing.set(write, replica.number)
    const version = await replica
      .write(id, write.what, write.operation)
      .catch((error) => void breaks(`a writer met with ${error}`))
    if (!replica.isAlive) return
    writing.delete(write)
    if (version === undefined) return
    counts.writes++
    if (version === GONE) counts.deletions++
    // Redis answered it all the time: from now on nobody is shown anything older.
    if (!replica.hasRedis || before.isCut || replica.troubles > before.troubles) return
    promise(id, version)
    if (version !== GONE || forgotten.get(id) !== before.forgotten) return
    if (redis.held(keyOf(id))?.text !== '-') breaks(`a deletion of ${id} was answered and left no tombstone`)
  }

  function cut(replica: Replica): void {
    replica.isCut = true
    replica.troubles++
    for (const one of network.asked.filter(
      ({ by, to, isGivenUp }) => by === replica.number && to === 'Redis' && !isGivenUp,
    ))
      one.giveUp('away')
  }

  return {
    ids,
    replicas,
    network,
    broken,
    counts,
    orphans,
    living: () => replicas.filter(({ isAlive }) => isAlive),
    start,
    read,
    write: (replica: Replica, id: string, what: Write['what']) =>
      send(replica, { id, what, operation: `operation ${++operations}` }),
    sendAgain: (replica: Replica) => send(replica, orphans.shift()!),
    forget,
    cut,
    /** Somebody asks no longer, as after 3 ms; what they asked for may still be done. */
    giveUp: (one: (typeof network.asked)[number]) => {
      if (one.isNews) replicas[one.by]!.troubles++
      one.giveUp('timeout')
    },
    restart: async () => {
      counts.outages++
      for (const replica of replicas) cut(replica)
      for (const one of network.asked.filter(({ to }) => to === 'Redis')) network.remove(one)
      for (const id of ids) forgets(id)
      await redis.restart()
    },
    /** What it has sent may still be done, but nobody is told. */
    kill: (replica: Replica) => {
      counts.kills++
      replica.isAlive = false
      for (const one of [...network.asked, ...network.waits]) {
        if (one.by !== replica.number) continue
        if (one.hasTakenEffect || one.what === 'find') network.remove(one)
        else one.isGivenUp = true
      }
      for (const reader of reading) if (reader.by === replica.number) reading.delete(reader)
      for (const [write, by] of writing) {
        if (by !== replica.number) continue
        writing.delete(write)
        orphans.push(write)
      }
    },
    advance: async (ms: number) => {
      nowMs += ms
      for (const id of ids) {
        const held = redis.held(keyOf(id))
        if (held && held.expiresMs <= nowMs) await forget(id)
      }
    },
    /** Whether somebody still waits for a living process. */
    isAnybodyWaiting: () => reading.size + writing.size > 0,
    committed: database.committed,
    waiting: database.waiting,
    /** Says from now on that nothing older than what is committed may be shown. */
    promiseAll: () => {
      for (const id of ids) promise(id, database.committed(id))
    },
  }
}

const named = (version: number) => (version === GONE ? 'none' : `version ${version}`)

export type World = ReturnType<typeof createWorld>
