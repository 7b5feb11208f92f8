/** What was asked of one stock level, as its model knows it. Reservations are named by their ids. */
export type Request =
  | Readonly<{ type: 'sell'; quantity: number }>
  /** By hand. A fact (damage, loss) may eat into what is promised, everything else may not. */
  | Readonly<{ type: 'adjust'; delta: number; isFact: boolean }>
  | Readonly<{ type: 'reserve'; reservation: string; quantity: number }>
  /** Takes all that the reservation holds of the level. */
  | Readonly<{ type: 'commit'; reservation: string }>
  | Readonly<{ type: 'release'; reservation: string }>
  /** The clock's own operation: the time of the reservation is up. It is asked and answered around that moment. */
  | Readonly<{ type: 'expire'; reservation: string }>
  | Readonly<{ type: 'read' }>

/** What was answered. */
export type Answer =
  | Readonly<{ ok: true; level?: Balance | undefined; status?: Status | undefined }>
  | Readonly<{
      ok: false
      code: string
      /** What the refusal says could have been had. */
      available?: number | undefined
      /** Of what was refused elsewhere: how much was looked at here before. */
      quantity?: number | undefined
    }>

/**
 * The code of a command that another of its lines was refused for. It had no effect here, but what was looked at of it
 * would have been possible here at that moment.
 */
export const ELSEWHERE = 'refused_elsewhere'

export type Status = 'held' | 'committed' | 'released' | 'expired'

/** A level as an answer shows it. `sequence` is left out where the clock may end holds, which is written down late. */
export type Balance = Readonly<{ onHand: number; reserved: number; sequence?: number | undefined }>

/** One sending of a request. Several may carry one key: they are one operation, which takes effect once. */
export type Attempt = Readonly<{
  key: string
  /** When it was sent, on a clock that all processes share. */
  invoked: number
  /** When its answer had arrived; `Infinity` if it never did. */
  answered: number
  request: Request
  /** Absent if it was never answered. */
  answer?: Answer | undefined
  /** Where its effect is said to stand among the others. Only decides what is tried first, and may be wrong. */
  place?: number | undefined
}>

/** All attempts under one key. It takes effect at one moment from `invoked` to `answered`, or never if it is open. */
export type Operation = Attempt

/** What one key came to, or why it cannot have come to it whatever the stock was. */
export type Merged = Readonly<{ operations: readonly Operation[] }> | Readonly<{ fault: string }>

/**
 * The operations behind the attempts. All attempts under a key are given what the first of them to be decided came to,
 * so it was decided after the earliest was sent and before the earliest answer: at a moment of the one that was sent
 * first, because that one was answered no earlier. This loses nothing and adds nothing, as the comparison with brute
 * force shows, which knows keys and no merging.
 */
export function merged(attempts: readonly Attempt[]): Merged {
  const operations = new Map<string, Operation>()
  for (const attempt of attempts) {
    if (attempt.answered < attempt.invoked) throw new Error(`${attempt.key} was answered before it was asked`)
    const known = operations.get(attempt.key)
    if (!known) {
      operations.set(attempt.key, attempt)
      continue
    }
    if (!isSame(known.request, attempt.request)) return { fault: `${attempt.key} was sent with two requests` }
    if (known.answer && attempt.answer && !isSame(known.answer, attempt.answer)) {
      return { fault: `${attempt.key} was given two answers: ${said(known.answer)} and ${said(attempt.answer)}` }
    }
    operations.set(attempt.key, {
      ...known,
      invoked: Math.min(known.invoked, attempt.invoked),
      answered: Math.min(known.answered, attempt.answered),
      answer: known.answer ?? attempt.answer,
      place: known.place ?? attempt.place,
    })
  }
  return { operations: [...operations.values()] }
}

export const isOpen = ({ answer }: Attempt): boolean => answer === undefined

export const said = (value: unknown): string => JSON.stringify(value)

/** Whether two requests or answers say the same; what is absent and what is `undefined` are one. */
const isSame = (one: object, other: object): boolean => Bun.deepEquals(one, other)
