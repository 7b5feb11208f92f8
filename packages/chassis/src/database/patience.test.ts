import { expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { Contention, classify, type Database, OutcomeUnknown } from './database.ts'
import { drizzleOn, throwingPlainly } from './drizzle.ts'
import { patiently } from './patience.ts'

test('a read that nobody answered is read again until someone does', async () => {
  const answers = ['lost', 'lost', 'found']
  const read = async () => {
    const answer = answers.shift()!
    if (answer === 'lost') throw new OutcomeUnknown('the connection was lost')
    return answer
  }

  expect(await patiently(Date.now() + 5_000, read)).toEqual({ ok: true, value: 'found' })
})

test('nobody reads past their deadline', async () => {
  const never = async () => {
    throw new OutcomeUnknown('the connection was lost')
  }

  expect(await patiently(Date.now() + 30, never)).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
  expect(await patiently(Date.now() - 1, async () => 'too late')).toMatchObject({ ok: false })
})

test('what is a fault of ours is not tried again', async () => {
  let tries = 0
  const broken = async () => {
    tries++
    throw new TypeError('a bug')
  }

  await expect(patiently(Date.now() + 5_000, broken)).rejects.toThrow('a bug')
  expect(tries).toBe(1)
})

test('a query builder does not hide that nobody answered', async () => {
  const fail = async () => {
    throw new OutcomeUnknown('the connection was lost')
  }
  const database: Database = { query: fail, values: fail, script: fail, close: async () => {} }
  const port = throwingPlainly({ find: () => drizzleOn(database).execute(sql`SELECT 1`) as Promise<unknown> })

  await expect(port.find()).rejects.toBeInstanceOf(OutcomeUnknown)
})

test('what a driver throws is sorted into lost races, unknown outcomes and bugs', () => {
  for (const code of ['23505', '40001', '40P01', '55P03']) expect(classify({ code })).toBeInstanceOf(Contention)
  for (const code of ['CONNECTION_CLOSED', 'ECONNREFUSED', '57P01', '57014', '08006', '53300', '25006']) {
    expect(classify({ code })).toBeInstanceOf(OutcomeUnknown)
  }
  for (const bug of [{ code: '42601' }, { code: '23514' }, new TypeError('a bug')]) {
    expect(classify(bug)).toBe(bug)
  }
  expect(classify({ code: '23505', constraint_name: 'operations_pkey' })).toMatchObject({
    constraint: 'operations_pkey',
  })
})
