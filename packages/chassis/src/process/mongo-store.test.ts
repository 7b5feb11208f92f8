import { expect, test } from 'bun:test'
import { MongoServerError } from 'mongodb'
import { refusalOf } from './mongo-store.ts'

const said = (code: number, errmsg: string) => new MongoServerError({ code, errmsg })

test('why a MongoDB cannot be used is said without the command that it refused', () => {
  const unauthorized = said(13, 'not authorized on shop to execute command { update: "schema", updates: [] }')
  const capitals = 'db already exists with different case already have: [shop] trying to create [Shop]'

  expect(refusalOf(unauthorized)).toBe(
    'its user may not do what it takes on shop: give it the roles "readWrite" and "dbAdmin"',
  )
  expect(refusalOf(unauthorized, 'the role "read"')).toBe(
    'its user may not do what it takes on shop: give it the role "read"',
  )
  expect(refusalOf(said(18, 'Authentication failed.'))).toBe('Authentication failed')
  expect(refusalOf(said(13297, capitals))).toBe(capitals)
})

test('what is a mistake of ours is no refusal', () => {
  expect(refusalOf(said(9, 'unrecognized field'))).toBeUndefined()
  expect(refusalOf(new TypeError('undefined is not a function'))).toBeUndefined()
})
