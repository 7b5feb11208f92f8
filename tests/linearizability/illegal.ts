import type { Start } from './model.ts'
import { type Answer, type Attempt, ELSEWHERE, type Request } from './operation.ts'

/** A history that no right shop can have made, and the same with the fault mended: that one it can. */
export type Illegal = Readonly<{ what: string; start: Start; wrong: readonly Attempt[]; mended: readonly Attempt[] }>

let keys = 0

/** One attempt, from one moment to another, under a key of its own. */
const from = (invoked: number, answered: number, request: Request, answer: Answer, key = `${++keys}`): Attempt => ({
  key,
  invoked,
  answered,
  request,
  answer,
})

const unanswered = (invoked: number, request: Request, key = `${++keys}`): Attempt => ({
  key,
  invoked,
  answered: Number.POSITIVE_INFINITY,
  request,
})

const sale = (quantity = 1): Request => ({ type: 'sell', quantity })
const receipt = (delta: number): Request => ({ type: 'adjust', delta, isFact: false })
const damage = (quantity: number): Request => ({ type: 'adjust', delta: -quantity, isFact: true })
const reserve = (quantity = 1, reservation = 'cart'): Request => ({ type: 'reserve', reservation, quantity })
const commit = (reservation = 'cart'): Request => ({ type: 'commit', reservation })
const release = (reservation = 'cart'): Request => ({ type: 'release', reservation })
const expire = (reservation = 'cart'): Request => ({ type: 'expire', reservation })
const read: Request = { type: 'read' }

const done: Answer = { ok: true }
const became = (status: 'held' | 'committed' | 'released' | 'expired'): Answer => ({ ok: true, status })
const shows = (onHand: number, reserved = 0, sequence?: number): Answer => ({
  ok: true,
  level: { onHand, reserved, sequence },
})
const refused = (code: string, available?: number): Answer => ({ ok: false, code, available })
const tooFew = (available: number): Answer => refused('insufficient_stock', available)

/** The same history, with one attempt changed. */
const mending = (wrong: readonly Attempt[], index: number, change: Partial<Attempt>): readonly Attempt[] =>
  wrong.map((attempt, place) => (place === index ? { ...attempt, ...change } : attempt))

const illegal = (
  what: string,
  onHand: number,
  wrong: readonly Attempt[],
  index: number,
  change: Partial<Attempt>,
  backorderLimit = 0,
): Illegal => ({
  what,
  start: { onHand, backorderLimit },
  wrong,
  mended: mending(wrong, index, change),
})

/** Each in a sentence; the change at the end makes it right. */
export const ILLEGAL: readonly Illegal[] = [
  illegal(
    'a read after an answered sale shows the stock from before it',
    5,
    [from(0, 1, sale(), done), from(2, 3, read, shows(5))],
    1,
    { answer: shows(4) },
  ),
  illegal('the last unit is sold to two customers', 1, [from(0, 3, sale(), done), from(1, 2, sale(), done)], 1, {
    answer: tooFew(0),
  }),
  illegal(
    'of two receipts at the same time only one is still there afterwards',
    0,
    [from(0, 2, receipt(3), done), from(1, 3, receipt(4), done), from(4, 5, read, shows(4))],
    2,
    { answer: shows(7) },
  ),
  illegal(
    'a customer is sent away although nothing was ever sold',
    2,
    [from(0, 1, sale(), tooFew(0)), from(2, 3, read, shows(2))],
    0,
    { request: sale(3), answer: tooFew(2) },
  ),
  illegal(
    'a read shows a sale that was asked for only after the read was answered',
    5,
    [from(0, 1, read, shows(4)), from(2, 3, sale(), done)],
    0,
    { answered: 3 },
  ),
  illegal(
    'a sale that was refused has taken its units all the same',
    2,
    [from(0, 1, sale(3), tooFew(2)), from(2, 3, read, shows(0))],
    1,
    { answer: shows(2) },
  ),
  illegal(
    'a sale that was sent twice under one key has been taken off twice',
    5,
    [from(0, 4, sale(), done, 'key'), from(1, 5, sale(), done, 'key'), from(6, 7, read, shows(3))],
    2,
    { answer: shows(4) },
  ),
  illegal(
    'the second sending of one key is told something else than the first',
    1,
    [from(0, 1, sale(), done, 'key'), from(2, 3, sale(), tooFew(0), 'key')],
    1,
    { answer: done },
  ),
  illegal(
    'one key stands for two different sales',
    5,
    [from(0, 1, sale(1), done, 'key'), from(2, 3, sale(2), done, 'key')],
    1,
    { request: sale(1) },
  ),
  illegal(
    'what had expired is committed',
    2,
    [from(0, 1, reserve(), became('held')), from(5, 6, expire(), done), from(7, 8, commit(), became('committed'))],
    2,
    { answer: refused('reservation_expired') },
  ),
  illegal(
    'what had expired still keeps a customer from buying',
    1,
    [from(0, 1, reserve(), became('held')), from(5, 6, expire(), done), from(7, 8, sale(), tooFew(0))],
    2,
    { answer: done },
  ),
  illegal(
    'what is held expires before its time',
    1,
    [from(0, 1, reserve(), became('held')), from(2, 3, sale(), done), from(5, 6, expire(), done)],
    1,
    { answer: tooFew(0) },
  ),
  illegal(
    'what was released is committed',
    2,
    [
      from(0, 1, reserve(), became('held')),
      from(2, 3, release(), became('released')),
      from(4, 5, commit(), became('committed')),
    ],
    2,
    { answer: refused('reservation_released') },
  ),
  illegal(
    'a commit and a release of one reservation both succeed',
    2,
    [
      from(0, 1, reserve(), became('held')),
      from(2, 5, commit(), became('committed')),
      from(3, 4, release(), became('released')),
    ],
    2,
    { answer: refused('reservation_committed') },
  ),
  illegal(
    'units are sold that somebody holds',
    2,
    [from(0, 1, reserve(2), became('held')), from(2, 3, sale(), done)],
    0,
    { request: reserve(1) },
  ),
  illegal(
    'more is promised than the backorder limit allows',
    1,
    [from(0, 1, reserve(3), became('held')), from(2, 3, reserve(1, 'other'), became('held'))],
    1,
    { answer: tooFew(0) },
    2,
  ),
  illegal(
    'what was promised beyond the stock is handed over before any came in',
    0,
    [
      from(0, 1, reserve(2), became('held')),
      from(2, 3, commit(), became('committed')),
      from(4, 5, receipt(2), shows(2, 2)),
    ],
    1,
    { answered: 6 },
    2,
  ),
  illegal(
    'a reservation is made under an id that had been released before',
    2,
    [from(0, 1, release(), refused('reservation_not_found')), from(2, 3, reserve(), became('held'))],
    1,
    { answer: refused('reservation_released') },
  ),
  illegal(
    'two readers, one after the other, see a sale and then do not',
    5,
    [from(0, 9, sale(), done), from(1, 2, read, shows(4)), from(3, 4, read, shows(5))],
    2,
    { answer: shows(4) },
  ),
  illegal(
    'a sale that was never answered comes and goes',
    5,
    [unanswered(0, sale()), from(1, 2, read, shows(5)), from(3, 4, read, shows(4)), from(5, 6, read, shows(5))],
    3,
    { answer: shows(4) },
  ),
  illegal(
    'a sale that was never answered takes effect before it was asked for',
    5,
    [from(0, 1, read, shows(4)), unanswered(2, sale()), from(3, 4, read, shows(4))],
    0,
    { answer: shows(5) },
  ),
  illegal('the movements are numbered with a gap', 5, [from(0, 1, sale(), done), from(2, 3, read, shows(4, 0, 2))], 1, {
    answer: shows(4, 0, 1),
  }),
  illegal('a refusal says that more could have been had than was ever there', 2, [from(0, 1, sale(9), tooFew(7))], 0, {
    answer: tooFew(2),
  }),
  illegal(
    'a level that had enough is named as the one that had too little',
    3,
    [
      from(0, 1, sale(2), { ok: false, code: ELSEWHERE, quantity: 2 }),
      from(0, 3, sale(2), done),
      from(2, 4, sale(1), tooFew(0)),
    ],
    2,
    { answer: done },
  ),
  illegal(
    'more units are written off as damaged than there were',
    2,
    [from(0, 1, reserve(2), became('held')), from(2, 3, damage(3), shows(-1, 2))],
    1,
    { request: damage(1), answer: shows(1, 2) },
  ),
  illegal(
    'what was held twice is given back once, and the level has forgotten both',
    4,
    [
      from(0, 1, reserve(1), became('held')),
      from(0, 1, reserve(2, 'other'), became('held')),
      from(2, 3, release(), became('released')),
      from(4, 5, read, shows(4, 0)),
    ],
    3,
    { answer: shows(4, 2) },
  ),
]
