import { describe, expect, test } from 'bun:test'
import { contract } from '@abasto/contract/contract'
import type { Failure, FailureKind } from '@abasto/kernel'
import { KIND_STATUS, refusalOf, statusOf } from './refusal.ts'

describe('the status of a failure', () => {
  /** What only the edge says, before any use case is asked. */
  const edgeOnly = [405, 406, 413, 415, 500]

  test('is one that the table of codes has, for each kind', () => {
    const listed = new Set<number>(Object.values(contract.failures).map(({ status }) => status))

    for (const [kind, status] of Object.entries(KIND_STATUS)) {
      if (kind === 'rate_limited') continue // Comes with the gateway.
      expect(listed).toContain(status)
    }
  })

  test('can be said by a kind, for each code of the table', () => {
    const sayable = new Set([...Object.values(KIND_STATUS), 400, ...edgeOnly])

    for (const [code, { status }] of Object.entries(contract.failures))
      expect({ code, is: sayable.has(status) }).toEqual({ code, is: true })
  })

  test.each([
    ['invalid', 'invalid_value', 422],
    ['invalid', 'invalid_cursor', 400],
    ['invalid', 'not_in_the_table', 422],
    ['not_found', 'no_inventory', 404],
    ['conflict', 'insufficient_stock', 409],
    ['precondition', 'version_mismatch', 412],
    ['unavailable', 'unavailable', 503],
  ] as [FailureKind, string, number][])('of the kind %s and the code %s is %i', (kind, code, status) => {
    expect(statusOf({ kind, code, detail: '' }, contract.failures)).toBe(status)
  })
})

describe('the place of a fault', () => {
  const sent = {
    attributes: { price: '1', lines: [{ productId: 'a' }] },
    relationships: { product: 'b' },
    isCreate: true,
  }
  const sourceOf = (failure: Partial<Failure>, changes: Partial<typeof sent> = {}) =>
    refusalOf({ kind: 'conflict', code: 'x', message: '', ...failure }, { ...sent, ...changes }).source

  test.each([
    [['price'], { pointer: '/data/attributes/price' }],
    [['lines', 0, 'productId'], { pointer: '/data/attributes/lines/0/productId' }],
    [['lines', 3, 'productId'], { pointer: '/data/attributes/lines' }],
    [['product'], { pointer: '/data/relationships/product/data' }],
    [['productId'], { pointer: '/data/relationships/product/data' }],
    [['currency'], { pointer: '/data/attributes' }],
    [['page', 'before'], { parameter: 'page[before]' }],
    [['ifMatch'], { header: 'If-Match' }],
  ])('%p is shown as %p', (at, source) => {
    expect(sourceOf({ at })).toEqual(source)
  })

  test('is not made up when nothing was sent that could hold it', () => {
    expect(sourceOf({ at: ['price'] }, { attributes: {} as typeof sent.attributes })).toBeUndefined()
    expect(sourceOf({})).toBeUndefined()
  })

  test('of a create that names something missing is its one relationship', () => {
    expect(sourceOf({ kind: 'not_found' })).toEqual({ pointer: '/data/relationships/product/data' })
    expect(sourceOf({ kind: 'not_found' }, { isCreate: false })).toBeUndefined()
  })
})
