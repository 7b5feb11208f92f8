import { expect, test } from 'bun:test'
import { readTraceparent, traceIdOf, writeTraceparent } from './traceparent.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

test('a place in a trace is read from the header, and whether its caller records it', () => {
  expect(readTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true })
  expect(readTraceparent(`00-${TRACE}-${SPAN}-00`)).toMatchObject({ isSampled: false })
  expect(readTraceparent(`00-${TRACE}-${SPAN}-03`)).toMatchObject({ isSampled: true })
  expect(readTraceparent(`01-${TRACE}-${SPAN}-01-of-a-later-version`)).toMatchObject({ traceId: TRACE })
})

test('what is no place in a trace is ignored', () => {
  const headers = [
    '',
    'nonsense',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}`,
    ` 00-${TRACE}-${SPAN}-01`,
  ]
  for (const header of headers) expect(readTraceparent(header)).toBeUndefined()
  expect(readTraceparent(null)).toBeUndefined()
})

test('a place is written as it is read, and names its trace', () => {
  const header = `00-${TRACE}-${SPAN}-01`

  expect(writeTraceparent(readTraceparent(header)!)).toBe(header)
  expect(traceIdOf(header)).toBe(TRACE)
  expect(traceIdOf(undefined)).toBeUndefined()
})
