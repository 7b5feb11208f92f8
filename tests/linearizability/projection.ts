import type { Failure, Result } from '../../packages/kernel/src/kernel.ts'
import { type Answer, type Attempt, ELSEWHERE, type Request, type Status } from './operation.ts'

/** One sending of a command or a read, as a process recorded it: plain data, one line of a file. */
export type Sent = Readonly<{
  key: string
  /** By a clock that all processes share, in milliseconds. */
  invoked: number
  /** `null` if it was never answered. */
  answered: number | null
  asked: Asked
  said?: Said | undefined
  /** Whoever asked waited for so short a time that having no answer says nothing. */
  isHasty?: boolean
}>

export type Line = Readonly<{ product: string; quantity: number }>

/** What was asked. Of a reservation, the lines are those that it was asked for, also where it is committed. */
export type Asked =
  | Readonly<{ type: 'sell'; lines: readonly Line[] }>
  | Readonly<{ type: 'reserve'; reservation: string; lines: readonly Line[]; ttlSeconds: number }>
  | Readonly<{ type: 'commit' | 'release' | 'expire'; reservation: string; lines: readonly Line[] }>
  | Readonly<{ type: 'adjust'; product: string; delta: number; isFact: boolean }>
  | Readonly<{ type: 'read'; product: string }>

/** What was answered, in the least words that the checker wants. */
export type Said =
  | Readonly<{
      ok: true
      onHand?: number
      reserved?: number
      sequence?: number
      statuses?: readonly Status[]
      /** When what is held expires, by the database's clock, in milliseconds since the epoch. */
      expiresAtMs?: number
    }>
  | Readonly<{ ok: false; code: string; product?: string; line?: number; available?: number }>

type Amounts = Readonly<{ onHand: number; reserved: number; sequence: number }>
type Statuses = Readonly<{ lines: readonly Readonly<{ status: Status }>[]; expiresAt: string }>

/** What a use case gave back, as it is recorded; `undefined` where nobody knows what came of it. */
export function saidBy(result: Result<unknown>): Said | undefined {
  if (!result.ok) return result.error.kind === 'unavailable' ? undefined : refusalBy(result.error)
  const value = result.value as Partial<Amounts & Statuses>
  const { onHand, reserved, sequence, lines, expiresAt } = value
  if (lines && expiresAt !== undefined) {
    return { ok: true, statuses: lines.map(({ status }) => status), expiresAtMs: Date.parse(expiresAt) }
  }
  if (onHand === undefined || reserved === undefined || sequence === undefined) return { ok: true }
  return { ok: true, onHand, reserved, sequence }
}

function refusalBy({ code, at, details }: Failure): Said {
  const { productId: product, available } = (details ?? {}) as { productId?: string; available?: number }
  const line = at?.[0] === 'lines' ? Number(at[1]) : undefined
  return {
    ok: false,
    code,
    ...(product === undefined ? {} : { product }),
    ...(line === undefined ? {} : { line }),
    ...(available === undefined ? {} : { available }),
  }
}

/** How the database's clock and the one of the record are compared, in milliseconds. */
export type Clocks = Readonly<{
  wallAheadMs: number
  /** How much earlier than its moment an end may seem to come, because the clocks were not compared any better. */
  earlyMs: number
  /** How much later than its moment a decision may still count what has expired. */
  lateMs: number
}>

/** What the clock did: it ended every reservation that was made, at its time. It is a client like any other. */
export function expiries(sent: readonly Sent[], { wallAheadMs, earlyMs, lateMs }: Clocks): readonly Sent[] {
  const ends = new Map<string, Sent>()
  for (const { asked, said, invoked } of sent) {
    if (asked.type !== 'reserve' || said?.ok === false) continue
    const { reservation, lines, ttlSeconds } = asked
    const end = { key: expiryOf(reservation), asked: { type: 'expire', reservation, lines } } as const
    if (said?.expiresAtMs !== undefined) {
      const moment = said.expiresAtMs - wallAheadMs
      ends.set(reservation, { ...end, invoked: moment - earlyMs, answered: moment + lateMs, said: { ok: true } })
    } else if (!ends.has(reservation)) {
      ends.set(reservation, { ...end, invoked: invoked + ttlSeconds * 1_000 - earlyMs, answered: null })
    }
  }
  return [...ends.values()]
}

/** The key of the clock's operation that ends a reservation. */
export const expiryOf = (reservation: string): string => `expiry of ${reservation}`

/** When an attempt took effect on a product, where that is known: the number of its movement there. */
export type Places = (key: string, product: string) => number | undefined

/**
 * What each product saw of the commands: its own history, which must be linearizable if the whole is. Of a command
 * with several lines each product sees its own part:
 * - where it succeeded, the part succeeded; the lines of one product are added up;
 * - where it was refused for want of one product, that product refused it, those before it would have had enough, and
 *   those behind it were not looked at, so they see nothing of it;
 * - where it was never answered, each part may have taken effect or not. That all of them did or none, and that the
 *   products agree on one order, is no product's own business: `across.ts` and the audit of the books see to that.
 */
export function projected(sent: readonly Sent[], places: Places = () => undefined): ReadonlyMap<string, Attempt[]> {
  const histories = new Map<string, Attempt[]>()
  for (const one of sent) {
    for (const product of productsOf(one.asked)) {
      const part = partOf(one, product)
      if (!part) continue
      const place = places(one.key, product)
      const { key, invoked, answered } = one
      const attempt = { key, invoked, answered: answered ?? Number.POSITIVE_INFINITY, ...part }
      const history = histories.get(product)
      if (history) history.push(place === undefined ? attempt : { ...attempt, place })
      else histories.set(product, [place === undefined ? attempt : { ...attempt, place }])
    }
  }
  return histories
}

export const productsOf = (asked: Asked): readonly string[] =>
  'lines' in asked ? [...new Set(asked.lines.map(({ product }) => product))] : [asked.product]

function partOf({ asked, said }: Sent, product: string): Pick<Attempt, 'request' | 'answer'> | undefined {
  const request = requestOf(asked, product)
  if (!said) return { request }
  if (!said.ok && said.code === 'insufficient_stock' && said.product !== product) {
    const before = amountOf(asked, product, said.line)
    return before === 0 ? undefined : { request, answer: { ok: false, code: ELSEWHERE, quantity: before } }
  }
  return { request, answer: answerOf(asked, said, product) }
}

function requestOf(asked: Asked, product: string): Request {
  switch (asked.type) {
    case 'sell':
      return { type: 'sell', quantity: amountOf(asked, product) }
    case 'reserve':
      return { type: 'reserve', reservation: asked.reservation, quantity: amountOf(asked, product) }
    case 'adjust':
      return { type: 'adjust', delta: asked.delta, isFact: asked.isFact }
    case 'read':
      return { type: 'read' }
    default:
      return { type: asked.type, reservation: asked.reservation }
  }
}

function answerOf(asked: Asked, said: Said, product: string): Answer {
  if (!said.ok) return { ok: false, code: said.code, available: said.available }
  const { onHand, reserved, sequence, statuses } = said
  if (onHand !== undefined && reserved !== undefined) return { ok: true, level: { onHand, reserved, sequence } }
  if (!statuses || !('lines' in asked)) return { ok: true }
  const own = asked.lines.flatMap((line, index) => (line.product === product ? [statuses[index]] : []))
  // Lines of one product share one fate here, because nothing is committed or released by the line.
  return { ok: true, status: own.every((status) => status === own[0]) ? own[0] : undefined }
}

/** How much of a product a command asks for, in the lines before the one that is given. */
function amountOf(asked: Asked, product: string, end?: number): number {
  if (!('lines' in asked)) return 0
  const lines = asked.lines.slice(0, end)
  return lines.reduce((sum, line) => sum + (line.product === product ? line.quantity : 0), 0)
}
