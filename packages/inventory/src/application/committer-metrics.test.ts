import { afterAll, expect, test } from 'bun:test'
import { freshEmbedded } from '@abasto/chassis/database/fresh-embedded'
import { migrate, readMigrations } from '@abasto/chassis/database/migrations'
import { startCollector } from '@abasto/chassis/telemetry/collector'
import { createTelemetry } from '@abasto/chassis/telemetry/process-telemetry'
import { decide } from '../domain/decide.ts'
import { levelOf, line, opening, sale } from '../domain/examples.ts'
import { memoryStock } from '../infrastructure/memory.ts'
import { postgresStock } from '../infrastructure/postgres.ts'
import { createCommitter } from './committer.ts'
import type { Stock } from './ports.ts'

const LATER = Date.now() + 600_000

const collector = startCollector()
afterAll(collector.stop)

const open = async (stock: Stock, productId: string, quantity: number) =>
  stock.write([decide(await stock.read({ levels: [levelOf(productId)] }), [opening(productId, quantity)])])

test('the stock tells how large its batches are, and how often commands were decided', async () => {
  const telemetry = createTelemetry({ service: 'test' })
  const stock = memoryStock()
  await open(stock, 'lamp', 10)
  await open(stock, 'chair', 10)
  let interrupted = false
  const contested: Stock = {
    ...stock,
    write: async (decisions) => {
      // Someone else sells a lamp first, once.
      if (!interrupted) {
        interrupted = true
        await stock.write([decide(await stock.read({ levels: [levelOf('lamp')] }), [sale([line('lamp', 1)])])])
      }
      return stock.write(decisions)
    },
  }
  const { commit, idle } = createCommitter(contested, { metrics: telemetry.metrics })

  await Promise.all([commit(sale([line('lamp', 1)]), LATER), commit(sale([line('chair', 1)]), LATER)])
  await idle()

  const { body } = await telemetry.metrics.page()
  expect(body).toContain('abasto_stock_batch_commands_sum 3\n')
  expect(body).toContain('abasto_stock_batch_commands_count 2\n')
  expect(body).toContain('abasto_stock_batch_groups_bucket{le="2"} 2\n')
  expect(body).toContain('abasto_stock_groups_lost_total 1\n')
  expect(body).toContain('abasto_stock_commands_total{tries="1"} 1\n')
  expect(body).toContain('abasto_stock_commands_total{tries="2"} 1\n')
  expect(body).toContain('abasto_stock_commands_waiting 0\n')
  expect(body).toContain('abasto_stock_writes_in_flight 0\n')
  await telemetry.stop()
})

test('a batch is written in the trace of its first command, with links to those it is written for as well', async () => {
  const telemetry = createTelemetry({ service: 'test', otlpEndpoint: collector.url })
  const database = await freshEmbedded({ telemetry })
  await migrate(database, 'inventory', readMigrations(`${import.meta.dir}/../../migrations`))
  const stock = postgresStock(database)
  const lamp = Bun.randomUUIDv7()
  await open(stock, lamp, 10)
  const { commit, idle } = createCommitter(stock)
  const [one, other] = [telemetry.trace('one')!, telemetry.trace('other')!]
  const unrecorded = telemetry.trace('nobody asks', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00')!

  await Promise.all([unrecorded, one, other].map((trace) => commit(sale([line(lamp, 1)]), LATER, trace)))
  await idle()
  one.end()
  other.end()
  await telemetry.stop()
  await database.close()

  const spans = collector.spans()
  const find = (name: string, parentSpanId?: string) =>
    spans.find((span) => span.name === name && (parentSpanId === undefined || span.parentSpanId === parentSpanId))!
  const [mine, theirs] = ['one', 'other'].map((name) => find('commit', find(name).spanId))
  const round = find('decide and write')
  const write = find('write stock')
  expect(mine?.attributes).toMatchObject({ 'abasto.tries': 1, 'abasto.verdict': 'ok' })
  expect(round).toMatchObject({ parentSpanId: mine!.spanId, links: [theirs!.spanId] })
  expect(round.attributes).toMatchObject({ 'abasto.commands': 3, 'abasto.groups': 1, 'abasto.groups_lost': 0 })
  expect(write).toMatchObject({ parentSpanId: round.spanId, traceId: find('one').traceId })
  expect(spans.filter(({ name }) => name === 'commit')).toHaveLength(2)
}, 30_000)
