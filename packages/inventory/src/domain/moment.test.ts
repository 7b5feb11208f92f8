import { expect, test } from 'bun:test'
import { notAfter, notBefore } from './moment.ts'

test('a moment between two milliseconds is the next of them for what begins with it, and the one before for what ends', () => {
  const next = '2026-01-31T09:30:00.124Z'
  const before = '2026-01-31T09:30:00.123Z'

  for (const digits of ['1239', '123000001', '123999999', '12301']) {
    expect(notBefore(`2026-01-31T09:30:00.${digits}Z`)).toBe(next)
    expect(notAfter(`2026-01-31T09:30:00.${digits}Z`)).toBe(before)
  }
})

test('a moment that is a whole millisecond stays what it is, however it is written', () => {
  const moments = ['2026-01-31T09:30:00.1Z', '2026-01-31T09:30:00.100000000Z', '2026-01-31T15:00:00.10+05:30']

  for (const moment of moments) {
    expect([notBefore(moment), notAfter(moment)]).toEqual(Array(2).fill('2026-01-31T09:30:00.100Z'))
  }
  expect(notBefore('2026-12-31T23:59:59.999999999Z')).toBe('2027-01-01T00:00:00.000Z')
})
