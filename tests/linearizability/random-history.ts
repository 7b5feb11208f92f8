import { answerTo, apply, modelOf, NO_EFFECT, type Start } from './model.ts'
import type { Answer, Attempt, Request } from './operation.ts'

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export type HistoryOptions = Readonly<{
  operations: number
  /** How many are under way at once, about. */
  atOnce: number
  /** How many in a hundred are never answered. */
  open?: number
  /** How many in a hundred are sent twice. */
  twice?: number
  /** Whether the answers say how many movements there had been. */
  isNumbered?: boolean
  isExpiring?: boolean
}>

/** A history that a right shop might have made: requests that overlap, each decided at a moment of its own. */
export function legalHistory(random: () => number, options: HistoryOptions): { start: Start; attempts: Attempt[] } {
  const { operations, atOnce, open = 0, twice = 0, isNumbered = true, isExpiring = false } = options
  const start = { onHand: Math.floor(random() * 8), backorderLimit: Math.floor(random() * 3) }
  const model = modelOf(start)
  const below = (end: number) => Math.floor(random() * end)
  const happens = (percent: number) => random() * 100 < percent
  const reservations: string[] = []
  const attempts: Attempt[] = []
  for (let moment = 1; moment <= operations; moment++) {
    const request = requestFrom(below, reservations, isExpiring)
    const said = answerTo(model, request)
    if (!said) continue
    if (request.type === 'reserve') reservations.push(request.reservation)
    const isOpen = request.type !== 'expire' && happens(open)
    // An operation that was never answered may also never have come to be.
    const isLost = isOpen && happens(50)
    if (!isLost) apply(model, said.effect)
    const reach = Math.max(1, atOnce)
    const invoked = moment - below(reach) - random()
    const key = `${moment}`
    const place = isLost || said.effect === NO_EFFECT ? {} : { place: moment }
    const answer = isNumbered ? said.answer : unnumbered(said.answer)
    const answered = isOpen ? Number.POSITIVE_INFINITY : moment + below(reach) + random()
    attempts.push({ key, invoked, answered, request, ...(isOpen ? {} : { answer }), ...place })
    // The second sending is decided after the first, and is told what the first came to.
    if (request.type === 'expire' || isLost || !happens(twice)) continue
    const later = moment + below(reach) + random()
    attempts.push({ key, invoked: Math.min(invoked + random(), later), answered: later, request, answer, ...place })
  }
  return { start, attempts }
}

function requestFrom(below: (end: number) => number, reservations: string[], isExpiring: boolean): Request {
  const quantity = 1 + below(3)
  const fresh = `r${reservations.length}`
  const known = reservations.length > 0 && below(8) > 0 ? reservations[below(reservations.length)]! : fresh
  const kinds = [
    'sell',
    'sell',
    'adjust',
    'reserve',
    'reserve',
    'commit',
    'release',
    'read',
    isExpiring ? 'expire' : 'read',
  ]
  switch (kinds[below(kinds.length)]) {
    case 'sell':
      return { type: 'sell', quantity }
    case 'adjust':
      return { type: 'adjust', delta: below(3) === 0 ? -quantity : quantity, isFact: below(2) === 0 }
    case 'reserve':
      return { type: 'reserve', reservation: below(10) === 0 ? known : fresh, quantity }
    case 'commit':
      return { type: 'commit', reservation: known }
    case 'release':
      return { type: 'release', reservation: known }
    case 'expire':
      return { type: 'expire', reservation: known }
    default:
      return { type: 'read' }
  }
}

const unnumbered = (answer: Answer): Answer =>
  answer.ok && answer.level
    ? { ...answer, level: { onHand: answer.level.onHand, reserved: answer.level.reserved } }
    : answer

/** The history with one thing told wrong, which may or may not still be a history that a right shop made. */
export function told(random: () => number, attempts: readonly Attempt[]): Attempt[] {
  const wrong = attempts[Math.floor(random() * attempts.length)]!
  return attempts.map((attempt) => (attempt === wrong ? wronged(random, attempt) : attempt))
}

function wronged(random: () => number, attempt: Attempt): Attempt {
  const { answer } = attempt
  const by = random() < 0.5 ? 1 : -1
  const choice = Math.floor(random() * 3)
  if (!answer || choice === 0) {
    const shift = (random() - 0.5) * 8
    return { ...attempt, invoked: attempt.invoked + shift, answered: attempt.answered + shift }
  }
  if (choice === 1) return { ...attempt, answer: answer.ok ? { ok: false, code: 'insufficient_stock' } : { ok: true } }
  if (answer.ok && answer.level) {
    return { ...attempt, answer: { ...answer, level: { ...answer.level, onHand: answer.level.onHand + by } } }
  }
  if (!answer.ok && answer.available !== undefined) {
    return { ...attempt, answer: { ...answer, available: Math.max(0, answer.available + by) } }
  }
  return {
    ...attempt,
    answer: answer.ok ? { ok: true, status: 'expired' } : { ok: false, code: 'reservation_not_found' },
  }
}
