import type { createClient } from '../../../packages/products/node_modules/redis'
import { effectOf, type Held, parsed } from './rule.ts'

/** The Redis of a world whose clock is set by hand. Whatever it does, it does at one go. */
export type RedisServer = Readonly<{
  run: (command: readonly string[], nowMs: number) => Promise<Reply> | Reply
  held: (key: string) => Held | undefined
  /** Lets go of a key, as one whose memory is full does, or one whose time has come. */
  forget: (key: string) => Promise<unknown> | unknown
  /** Comes back with nothing: no key, no script. */
  restart: () => Promise<unknown> | unknown
}>

export type Reply = Readonly<{ ok: true; value: unknown } | { ok: false; reason: 'error'; message: string }>

/** A Redis that is nothing but the rule of each script. */
export function modelRedis(): RedisServer {
  const keys = new Map<string, Held>()
  const scripts = new Set<string>()

  return {
    run: (command, nowMs) => {
      const asked = parsed(command)
      if (asked.verb === 'EVAL' && asked.name) scripts.add(asked.name)
      if (asked.verb === 'EVALSHA' && !(asked.name && scripts.has(asked.name))) {
        return { ok: false, reason: 'error', message: 'NOSCRIPT No matching script.' }
      }
      const { after, reply } = effectOf(asked, keys.get(asked.key), nowMs)
      if (after) keys.set(asked.key, after)
      else keys.delete(asked.key)
      return { ok: true, value: reply }
    },
    held: (key) => keys.get(key),
    forget: (key) => keys.delete(key),
    restart: () => {
      keys.clear()
      scripts.clear()
    },
  }
}

type Client = ReturnType<typeof createClient>

/**
 * A real Redis, of which each world uses keys of its own. Its time cannot be set, so what has expired by the clock of
 * the world is deleted. With `isCompared`, each command must do what the rule says.
 */
export function realRedis(client: Client, { isCompared = true } = {}): RedisServer {
  const keys = new Map<string, Held>()

  /** What is really there, on the clock of the world: its own lies behind by the time that this took. */
  async function look(key: string, nowMs: number): Promise<Held | undefined> {
    const [text, leftMs] = await Promise.all([client.get(key), client.pTTL(key)])
    if (text === null) return undefined
    return {
      text,
      expiresMs: leftMs < 0 ? Number.POSITIVE_INFINITY : nowMs + Math.ceil(leftMs / 5_000) * 5_000,
    }
  }

  async function compare(command: readonly string[], before: Held | undefined, reply: Reply, nowMs: number) {
    const asked = parsed(command)
    const wanted = effectOf(asked, before, nowMs)
    const after = keys.get(asked.key)
    if (!reply.ok || reply.value !== wanted.reply || after?.text !== wanted.after?.text) {
      throw new Error(`${asked.name ?? asked.verb} does something else than its rule, where ${before?.text} was`)
    }
  }

  return {
    run: async (command, nowMs) => {
      const { key } = parsed(command)
      const before = keys.get(key)
      const answered = client.sendCommand([...command]).then(
        (value: unknown): Reply => ({ ok: true, value }),
        (error: Error): Reply => ({ ok: false, reason: 'error', message: error.message }),
      )
      // All three go out together, and nobody else uses this key.
      const [reply, after] = await Promise.all([answered, look(key, nowMs)])
      if (after && after.text !== before?.text) keys.set(key, after)
      if (!after) keys.delete(key)
      if (isCompared && reply.ok) await compare(command, before, reply, nowMs)
      return reply
    },
    held: (key) => keys.get(key),
    forget: (key) => {
      keys.delete(key)
      return client.del(key)
    },
    restart: async () => {
      const gone = [...keys.keys()]
      keys.clear()
      if (gone.length > 0) await client.del(gone)
    },
  }
}
