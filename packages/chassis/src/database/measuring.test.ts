import { afterAll, beforeAll, expect, test } from 'bun:test'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import { startCollector } from '../telemetry/collector.ts'
import { createTelemetry } from '../telemetry/process-telemetry.ts'
import { noTelemetry } from '../telemetry/telemetry.ts'
import { type Database, OutcomeUnknown } from './database.ts'
import { asking, drizzleOn } from './drizzle.ts'
import { freshEmbedded } from './fresh-embedded.ts'
import { measured } from './measuring.ts'

const collector = startCollector()
const telemetry = createTelemetry({ service: 'test', otlpEndpoint: collector.url })
let database: Database

beforeAll(async () => {
  database = await freshEmbedded({ telemetry })
  await database.script('CREATE TABLE lamps (id bigint PRIMARY KEY, secret text)')
})
afterAll(() => Promise.all([database.close(), telemetry.stop(), collector.stop()]))

const page = async () => (await telemetry.metrics.page()).body
const count = (statement: string, outcome: string) =>
  `abasto_database_statement_duration_seconds_count{pool="embedded",statement="${statement}",outcome="${outcome}"}`

test('statements are counted by what they do and what came of them', async () => {
  await database.query('INSERT INTO lamps (id) VALUES (1)', [], { name: 'add a lamp' })
  await database.query('INSERT INTO lamps (id) VALUES (1)', [], { name: 'add a lamp' }).catch(() => {})
  await database.values('SELECT id FROM lamps', [])
  await database.query('SELECT nonsense', []).catch(() => {})

  expect(await page()).toContain(`${count('add a lamp', 'ok')} 1\n`)
  expect(await page()).toContain(`${count('add a lamp', 'contention')} 1\n`)
  expect(await page()).toContain(`${count('select', 'ok')} 1\n`)
  expect(await page()).toContain(`${count('select', 'failed')} 1\n`)
  expect(await page()).toContain('abasto_database_statements_in_flight{pool="embedded"} 0\n')
})

test('a statement that nobody answers is counted as one of unknown outcome', async () => {
  const lost = async () => {
    throw new OutcomeUnknown('the connection was lost')
  }
  const silent = measured(
    { query: lost, values: lost, script: lost, close: async () => {} },
    { telemetry, pool: 'far', connections: 1 },
  )

  expect(await silent.query('SELECT 1', []).catch((error) => error)).toBeInstanceOf(OutcomeUnknown)

  expect(await page()).toContain('{pool="far",statement="select",outcome="unknown"} 1\n')
  expect(await page()).toContain('abasto_database_unknown_outcomes_total{pool="far"} 1\n')
  expect(await page()).toContain('abasto_database_unknown_outcomes_total{pool="embedded"} 0\n')
  expect(await page()).toContain('abasto_database_pool_replacements_total{pool="far"} 0\n')
})

test('a statement is a span of the request that asked for it, without its text and its parameters', async () => {
  const request = telemetry.trace('GET /lamps')!
  const columns = { id: integer().primaryKey() }
  const lamps = drizzleOn(database).select().from(pgTable('lamps', columns)).prepare('lamps')

  await database.query('SELECT $1::text', ['hush'], { trace: request, name: 'say it' })
  await database.query('INSERT INTO lamps (id) VALUES (1)', [], { trace: request }).catch(() => {})
  await Promise.all([asking({ trace: request, name: 'look' }, () => lamps.execute()), lamps.execute()])
  request.end()
  await telemetry.stop()

  const spans = collector.spans()
  const parent = spans.find(({ name }) => name === 'GET /lamps')!
  const [told, refused, looked, ...others] = spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId)
  expect(told).toMatchObject({ name: 'say it', kind: 3, failure: undefined })
  expect(told?.attributes).toEqual({
    'db.system.name': 'postgresql',
    'db.operation.name': 'say it',
    'abasto.database.pool': 'embedded',
  })
  expect(refused).toMatchObject({ name: 'insert', failure: 'contention' })
  expect(refused?.attributes).toMatchObject({ 'db.response.status_code': '23505' })
  expect(looked).toMatchObject({ name: 'look' })
  expect(others).toEqual([])
  expect(JSON.stringify(spans)).not.toContain('hush')
})

test('where nothing is measured, nothing stands between', () => {
  expect(measured(database, { telemetry: noTelemetry, pool: 'any', connections: 1 })).toBe(database)
})
