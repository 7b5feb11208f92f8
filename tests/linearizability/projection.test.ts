import { describe, expect, test } from 'bun:test'
import { fail, ok } from '../../packages/kernel/src/kernel.ts'
import { circleIn } from './across.ts'
import { ELSEWHERE } from './operation.ts'
import { type Asked, expiries, type Line, projected, type Said, saidBy } from './projection.ts'

describe('each product sees its own part of a command', () => {
  test('of a sale that took place: its own lines, added up', () => {
    const seen = historiesOf(
      { type: 'sell', lines: [line('LAMP', 2), line('CHAIR', 1), line('LAMP', 3)] },
      { ok: true },
    )

    expect(seen).toEqual({
      LAMP: [{ request: { type: 'sell', quantity: 5 }, answer: { ok: true } }],
      CHAIR: [{ request: { type: 'sell', quantity: 1 }, answer: { ok: true } }],
    })
  })

  test('of one that was refused: the product that had too little, and that those before it had enough', () => {
    const lines = [line('LAMP', 2), line('CHAIR', 9), line('TABLE', 1)]

    const seen = historiesOf(
      { type: 'sell', lines },
      { ok: false, code: 'insufficient_stock', product: 'CHAIR', line: 1, available: 4 },
    )

    expect(seen).toMatchObject({
      LAMP: [{ request: { type: 'sell', quantity: 2 }, answer: { ok: false, code: ELSEWHERE, quantity: 2 } }],
      CHAIR: [
        { request: { type: 'sell', quantity: 9 }, answer: { ok: false, code: 'insufficient_stock', available: 4 } },
      ],
    })
    expect(seen.TABLE).toBeUndefined()
  })

  test('of a reservation that is committed: its own fate', () => {
    const lines = [line('LAMP', 2), line('CHAIR', 1)]

    const seen = historiesOf(
      { type: 'commit', reservation: 'cart', lines },
      { ok: true, statuses: ['committed', 'committed'] },
    )

    const answer = { ok: true, status: 'committed' } as const
    expect(seen.LAMP).toEqual([{ request: { type: 'commit', reservation: 'cart' }, answer }])
  })

  test('of one that was never answered: that it may have happened', () => {
    const seen = historiesOf({ type: 'sell', lines: [line('LAMP', 2)] }, undefined)

    expect(seen.LAMP).toEqual([{ request: { type: 'sell', quantity: 2 } }])
  })
})

describe('what is recorded of an answer', () => {
  test('a refusal, with the line and what could have been had', () => {
    const details = { productId: 'LAMP', requested: 3, available: 1 }
    const refusal = {
      kind: 'conflict',
      code: 'insufficient_stock',
      message: '',
      at: ['lines', 2, 'quantity'],
      details,
    } as const

    expect(saidBy(fail(refusal))).toEqual({
      ok: false,
      code: 'insufficient_stock',
      product: 'LAMP',
      line: 2,
      available: 1,
    })
  })

  test('nothing, where nobody knows what came of it', () => {
    expect(saidBy(fail({ kind: 'unavailable', code: 'unavailable', message: '' }))).toBeUndefined()
  })

  test('a level, and the end of a reservation', () => {
    expect(saidBy(ok({ onHand: 3, reserved: 1, sequence: 4, version: 9 }))).toEqual({
      ok: true,
      onHand: 3,
      reserved: 1,
      sequence: 4,
    })
    expect(saidBy(ok({ lines: [{ status: 'held' }], expiresAt: '1970-01-01T00:00:01.000Z' }))).toEqual({
      ok: true,
      statuses: ['held'],
      expiresAtMs: 1_000,
    })
  })
})

test('the clock ends what was held when its time is up, and what nobody knows the end of at some time', () => {
  const asked = { type: 'reserve', reservation: 'cart', lines: [line('LAMP', 1)], ttlSeconds: 2 } as const
  const known = { key: 'one', invoked: 10, answered: 20, asked, said: { ok: true, expiresAtMs: 102_010 } } as const
  const unknown = { key: 'two', invoked: 10, answered: null, asked: { ...asked, reservation: 'other' } } as const
  const refused = {
    key: 'three',
    invoked: 10,
    answered: 20,
    asked: { ...asked, reservation: 'none' },
    said: { ok: false, code: 'insufficient_stock' },
  } as const

  const ends = expiries([known, unknown, refused], { wallAheadMs: 100_000, earlyMs: 5, lateMs: 500 })

  expect(ends).toMatchObject([
    { asked: { type: 'expire', reservation: 'cart' }, invoked: 2_005, answered: 2_510, said: { ok: true } },
    { asked: { type: 'expire', reservation: 'other' }, invoked: 2_005, answered: null },
  ])
})

describe('the products agree on one order', () => {
  const sale = (key: string, invoked = 0, answered = 9) => ({ key, invoked, answered })

  test('when what came first on one came first on the other', () => {
    expect(
      circleIn([
        [sale('a'), sale('b'), sale('c')],
        [sale('a'), sale('c')],
        [sale('b'), sale('c')],
      ]),
    ).toEqual([])
  })

  test('but not when two sales over two products came in different orders', () => {
    expect(
      circleIn([
        [sale('a'), sale('b')],
        [sale('b'), sale('a')],
      ]),
    ).not.toEqual([])
  })

  test('nor when three stand in a circle, though no two of them do', () => {
    const orders = [
      [sale('a'), sale('b')],
      [sale('b'), sale('c')],
      [sale('c'), sale('a')],
    ]

    expect(circleIn(orders)).not.toEqual([])
    expect(circleIn(orders.slice(0, 2))).toEqual([])
  })

  test('nor when the clock says otherwise: a came after c had been answered', () => {
    expect(
      circleIn([
        [sale('a', 5, 9), sale('b', 0, 9)],
        [sale('b', 0, 9), sale('c', 0, 4)],
      ]),
    ).not.toEqual([])
    expect(
      circleIn([
        [sale('a', 3, 9), sale('b', 0, 9)],
        [sale('b', 0, 9), sale('c', 0, 4)],
      ]),
    ).toEqual([])
  })
})

function line(product: string, quantity: number): Line {
  return { product, quantity }
}

/** What each product sees of one command, without its name and times. */
function historiesOf(asked: Asked, said: Said | undefined) {
  const one = { key: 'key', invoked: 1, answered: said ? 2 : null, asked, ...(said ? { said } : {}) }
  return Object.fromEntries(
    [...projected([one])].map(([product, attempts]) => [
      product,
      attempts.map(({ request, answer }) => (answer ? { request, answer } : { request })),
    ]),
  )
}
