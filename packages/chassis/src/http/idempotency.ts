import type { Uuid } from '@abasto/kernel'

/** 1 to 255 characters of printable ASCII. */
export const isIdempotencyKey = (key: string): boolean => /^[\x20-\x7e]{1,255}$/.test(key)

/**
 * The operation id of a write that was sent with a key: a UUID of version 8 (RFC 9562, section 5.8) made of the
 * SHA-256 over caller, operation and key. JSON keeps the three apart whatever characters they hold.
 */
export function operationIdOf(callerId: string, operation: string, key: string): Uuid {
  const hash = Bun.CryptoHasher.hash('sha256', JSON.stringify([callerId, operation, key]), 'hex') as string
  const variant = '89ab'[Number.parseInt(hash[16]!, 16) & 3]
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}

/** What a write asks for; the same key with anything else here is another command. */
export type Command = Readonly<{
  id: string
  attributes: Readonly<Record<string, unknown>>
  relationships: Readonly<Record<string, string | null>>
  ifMatch: number | undefined
}>

/**
 * The first half of the SHA-256 of the command in canonical JSON, in which the order of members does not matter: 32
 * hexadecimal digits, as many as a UUID has, so that stores may keep it as one.
 */
export const fingerprintOf = (command: Command): string => sha256(command).slice(0, 32)

const sha256 = (command: Command): string =>
  Bun.CryptoHasher.hash(
    'sha256',
    `[${JSON.stringify(command.id)},${canonical(command.attributes)},${canonical(command.relationships)},${command.ifMatch ?? null}]`,
    'hex',
  ) as string

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const members = value as Record<string, unknown>
  const names = Object.keys(members).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(members[name])}`).join(',')}}`
}

/**
 * Lets writes of the same operation id run one after the other in this process: the second waits and is then answered
 * from the store. Across processes the store alone decides.
 */
export function createTurns() {
  const running = new Map<Uuid, Promise<unknown>>()

  /** Runs `work` when no other work of this id runs any more; undefined when that was not so in time. */
  return async function inTurn<T>(id: Uuid, waitMs: number, work: () => Promise<T>): Promise<T | undefined> {
    const giveUpAt = performance.now() + waitMs
    for (let before = running.get(id); before !== undefined; before = running.get(id)) {
      if (!(await endsWithin(before, giveUpAt - performance.now()))) return undefined
    }
    const mine = work()
    running.set(id, mine)
    try {
      return await mine
    } finally {
      running.delete(id)
    }
  }
}

async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: Timer | undefined
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(ms, 0))
  })
  const end = work.then(
    () => true,
    () => true,
  )
  const ended = await Promise.race([end, timeout])
  clearTimeout(timer)
  return ended
}
