import { expect, test } from 'bun:test'
import { notFound, unavailable } from './failure.ts'
import { isUuid } from './identifier.ts'
import { fail, ok, replayed } from './result.ts'

test('what is missing gives its failure the name', () => {
  expect(notFound('stock level', 'x')).toEqual({
    kind: 'not_found',
    code: 'stock_level_not_found',
    message: 'There is no stock level x.',
    details: { id: 'x' },
  })
})

test('details are only there when there are some', () => {
  expect(unavailable('Later.')).toEqual({ kind: 'unavailable', code: 'unavailable', message: 'Later.' })
  expect(unavailable('Later.', { peer: 'products' })).toMatchObject({ details: { peer: 'products' } })
})

test('a verdict that is given again is the same verdict, marked', () => {
  expect(replayed(ok(5))).toEqual({ ok: true, value: 5, replayed: true })
  expect(replayed(fail(unavailable('Later.')))).toEqual({ ...fail(unavailable('Later.')), replayed: true })
})

test('an id has one way to be written', () => {
  expect(isUuid('01a1fe15-59f3-77c4-9d86-5b3184e71422')).toBe(true)
  for (const wrong of ['01A1FE15-59F3-77C4-9D86-5B3184E71422', '01a1fe1559f377c49d865b3184e71422', '', 'lamp']) {
    expect(isUuid(wrong)).toBe(false)
  }
  expect(isUuid('01a1fe15-59f3-77c4-9d86-5b3184e71422\n')).toBe(false)
})
