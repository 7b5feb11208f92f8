import { expect, test } from 'bun:test'
import type { Failure } from '@abasto/kernel'
import { Metadata, status } from '@grpc/grpc-js'
import fc from 'fast-check'
import { codeOf, failureIn, statusOf } from './status.ts'

test('every kind of failure has its code', () => {
  expect(codeOf('invalid')).toBe(status.INVALID_ARGUMENT)
  expect(codeOf('unauthenticated')).toBe(status.UNAUTHENTICATED)
  expect(codeOf('forbidden')).toBe(status.PERMISSION_DENIED)
  expect(codeOf('not_found')).toBe(status.NOT_FOUND)
  expect(codeOf('conflict')).toBe(status.FAILED_PRECONDITION)
  expect(codeOf('precondition')).toBe(status.FAILED_PRECONDITION)
  expect(codeOf('rate_limited')).toBe(status.RESOURCE_EXHAUSTED)
  expect(codeOf('unavailable')).toBe(status.UNAVAILABLE)
})

test('a failure arrives as it was sent, whatever it says', () => {
  fc.assert(
    fc.property(anyFailure, (failure) => {
      const { code, metadata } = statusOf(failure)

      expect(failureIn(metadata)).toEqual(failure)
      expect(code).toBe(codeOf(failure.kind))
    }),
    { numRuns: 500 },
  )
})

test('people read its code and its sentence', () => {
  const failure: Failure = { kind: 'conflict', code: 'sku_taken', message: 'Another product has the SKU é.' }
  const { details, metadata } = statusOf(failure)

  expect(details).toBe('sku_taken: Another product has the SKU é.')
  expect(metadata.get('failure-code')).toEqual(['sku_taken'])
})

test('text that UTF-8 cannot say does not break the answer', () => {
  const { metadata, details } = statusOf({ kind: 'invalid', code: 'invalid_value', message: 'a \ud800 b' })

  expect(failureIn(metadata)?.message).toBe('a \ufffd b')
  expect(details).toBe('invalid_value: a \ufffd b')
})

test('an end without a failure is not taken for one', () => {
  expect(failureIn(new Metadata())).toBeUndefined()
  expect(failureIn(undefined)).toBeUndefined()
})

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const kinds = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'precondition',
  'rate_limited',
] as const

// What JSON can say; it knows no -0.
const details = fc.dictionary(
  text,
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value))),
  { maxKeys: 4, noNullPrototype: true },
)

const anyFailure: fc.Arbitrary<Failure> = fc.record(
  {
    kind: fc.constantFrom(...kinds, 'unavailable' as const),
    code: text,
    message: text,
    at: fc.array(fc.oneof(text, fc.nat())),
    details,
  },
  { requiredKeys: ['kind', 'code', 'message'] },
)
