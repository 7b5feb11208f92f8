// `bun scripts/grafana-dashboard.ts` prints deploy/grafana/abasto.json anew from what stands here. A dashboard in JSON
// repeats everything for every panel; this is what is to be changed.

export const FILE = 'deploy/grafana/abasto.json'

type Target = readonly [expression: string, legend: string]
type Panel = Readonly<{
  title: string
  about: string
  unit: string
  targets: readonly Target[]
  /** Numbers instead of curves. */
  isStat?: boolean
  isStacked?: boolean
  /** What figures are called that stand for states. */
  states?: readonly string[]
}>
/** Panels that stand side by side, and how high they are. */
type Line = Readonly<{ height: number; panels: readonly Panel[] }>

const SELECTED = 'job=~"$job", instance=~"$instance"'
const API = 'route=~"/api/.*"'

const selected = (metric: string, more = '') => `${metric}{${SELECTED}${more === '' ? '' : `, ${more}`}}`
const rate = (metric: string, more?: string) => `rate(${selected(metric, more)}[$__rate_interval])`
const sum = (metric: string, by?: string, more?: string) => `sum${by ? ` by (${by})` : ''} (${rate(metric, more)})`
const now = (metric: string, by: string) => `sum by (${by}) (${selected(metric)})`
const worst = (metric: string, by: string) => `max by (${by}) (${selected(metric)})`
const quantile = (part: number, metric: string, by?: string, more?: string) =>
  `histogram_quantile(${part}, ${sum(`${metric}_bucket`, by ? `le, ${by}` : 'le', more)})`
const mean = (metric: string) => `${sum(`${metric}_sum`)} / ${sum(`${metric}_count`)}`

const HTTP = 'abasto_http_request_duration_seconds'
const STATEMENT = 'abasto_database_statement_duration_seconds'
const ASKING = 'abasto_grpc_client_call_duration_seconds'
const ANSWERING = 'abasto_grpc_server_call_duration_seconds'
const CACHE = 'abasto_products_cache'
const LAG = 'abasto_event_loop_lag_seconds'
const SOLD = 'route="/api/v1/purchases", method="POST", status="201"'

const stat = (title: string, about: string, unit: string, expression: string): Panel => ({
  title,
  about,
  unit,
  isStat: true,
  targets: [[expression, title]],
})

const durations = (part: number, name: string): Panel => ({
  title: `${name} by operation`,
  about: `Of 100 requests ${part * 100} take no longer.`,
  unit: 's',
  targets: [[quantile(part, HTTP, 'method, route', API), '{{method}} {{route}}']],
})

/** The rows of the dashboard by their titles. */
const ROWS: Readonly<Record<string, readonly Line[]>> = {
  Traffic: [
    {
      height: 4,
      panels: [
        stat('Requests a second', 'To the API.', 'reqps', sum(`${HTTP}_count`, '', API)),
        stat('Purchases a second', 'Sales that were made.', 'reqps', sum(`${HTTP}_count`, '', SOLD)),
        stat(
          'Errors',
          'Which part of the requests is answered with 5xx.',
          'percentunit',
          `(${sum(`${HTTP}_count`, '', `${API}, status=~"5.."`)} or vector(0)) / ${sum(`${HTTP}_count`, '', API)}`,
        ),
        stat('p99', 'Of 100 requests 99 take no longer.', 's', quantile(0.99, HTTP, '', API)),
      ],
    },
    {
      height: 8,
      panels: [
        {
          title: 'Requests by operation',
          about: 'A second.',
          unit: 'reqps',
          isStacked: true,
          targets: [[sum(`${HTTP}_count`, 'method, route', API), '{{method}} {{route}}']],
        },
        {
          title: 'Answers by status',
          about: '409 is a refusal, as when there is not enough stock; 5xx is a fault.',
          unit: 'reqps',
          isStacked: true,
          targets: [[sum(`${HTTP}_count`, 'status', API), '{{status}}']],
        },
        {
          title: 'In flight, and sent again',
          about: 'Requests without an answer yet; writes a second that were answered as the first time.',
          unit: 'short',
          targets: [
            [now('abasto_http_requests_in_flight', 'instance'), 'in flight {{instance}}'],
            [sum('abasto_http_idempotent_replays_total'), 'sent again'],
          ],
        },
      ],
    },
    { height: 8, panels: [durations(0.5, 'p50'), durations(0.95, 'p95'), durations(0.99, 'p99')] },
  ],
  'Stock core': [
    {
      height: 8,
      panels: [
        {
          title: 'Commands in a batch',
          about: 'The busier a product, the larger its batches.',
          unit: 'short',
          targets: [
            [quantile(0.5, 'abasto_stock_batch_commands'), 'p50'],
            [quantile(0.99, 'abasto_stock_batch_commands'), 'p99'],
            [mean('abasto_stock_batch_commands'), 'mean'],
          ],
        },
        {
          title: 'Groups',
          about: 'Commands of a batch that share levels. A lost group met another replica and is decided again.',
          unit: 'short',
          targets: [
            [mean('abasto_stock_batch_groups'), 'in a batch'],
            [sum('abasto_stock_groups_lost_total'), 'lost a second'],
          ],
        },
        {
          title: 'Tries',
          about: 'Commands a second, by how often they were decided until they were answered.',
          unit: 'ops',
          isStacked: true,
          targets: [[sum('abasto_stock_commands_total', 'tries'), '{{tries}}']],
        },
        {
          title: 'Waiting',
          about: 'Commands before the committer, and writes on their way.',
          unit: 'short',
          targets: [
            [now('abasto_stock_commands_waiting', 'instance'), 'commands {{instance}}'],
            [now('abasto_stock_writes_in_flight', 'instance'), 'writes {{instance}}'],
          ],
        },
        {
          title: 'Followed',
          about: 'Who follows the stock, who was too slow, and how long an open transaction has kept it from them.',
          unit: 'short',
          targets: [
            [now('abasto_stock_stream_readers', 'instance'), 'readers {{instance}}'],
            [now('abasto_grpc_server_streams', 'instance'), 'of them over gRPC {{instance}}'],
            [sum('abasto_stock_stream_slow_readers_total'), 'cut off a second'],
            [now('abasto_stock_stream_lag_seconds', 'instance'), 'late by seconds {{instance}}'],
          ],
        },
      ],
    },
  ],
  Database: [
    {
      height: 8,
      panels: [
        {
          title: 'Statements',
          about: 'A second, by what they do.',
          unit: 'ops',
          isStacked: true,
          targets: [[sum(`${STATEMENT}_count`, 'statement'), '{{statement}}']],
        },
        {
          title: 'p99 by statement',
          about: 'Of 100 statements 99 take no longer.',
          unit: 's',
          targets: [[quantile(0.99, STATEMENT, 'statement'), '{{statement}}']],
        },
        {
          title: 'What came of them',
          about: 'Contention is decided again; unknown means that nobody answered; a pool is replaced when one hangs.',
          unit: 'ops',
          targets: [
            [sum(`${STATEMENT}_count`, 'pool, outcome', 'outcome!="ok"'), '{{pool}} {{outcome}}'],
            [sum('abasto_database_pool_replacements_total', 'pool'), '{{pool}} replaced'],
          ],
        },
        {
          title: 'Pools',
          about: 'Statements without an answer; those above the connections of their pool wait.',
          unit: 'short',
          targets: [
            [now('abasto_database_statements_in_flight', 'instance, pool'), '{{pool}} {{instance}}'],
            [worst('abasto_database_connections_max', 'pool'), '{{pool}} connections'],
          ],
        },
      ],
    },
  ],
  'Between the services': [
    {
      height: 8,
      panels: [
        {
          title: 'gRPC calls by code',
          about: 'A second, as the service that asks sees them, with all their attempts.',
          unit: 'ops',
          targets: [
            [sum(`${ASKING}_count`, 'peer, method, code'), '{{method}} {{code}}'],
            [sum('abasto_grpc_client_retries_total', 'peer'), '{{peer}} sent again'],
          ],
        },
        {
          title: 'p99 of gRPC calls',
          about: 'As the service that asks sees them, and as the one that answers does.',
          unit: 's',
          targets: [
            [quantile(0.99, ASKING, 'method'), 'asking {{method}}'],
            [quantile(0.99, ANSWERING, 'method'), 'answering {{method}}'],
          ],
        },
        {
          title: 'Breakers',
          about: 'Whether a service asks its neighbours: closed is as it should be.',
          unit: 'short',
          isStat: true,
          states: ['closed', 'half open', 'open'],
          targets: [
            [worst('abasto_grpc_products_breaker_state', 'instance'), 'products, asked by {{instance}}'],
            [worst(`${CACHE}_breaker_state`, 'instance'), 'cache, read by {{instance}}'],
            [worst(`${CACHE}_news_breaker_state`, 'instance'), 'cache, told by {{instance}}'],
          ],
        },
      ],
    },
  ],
  Cache: [
    {
      height: 8,
      panels: [
        {
          title: 'Hit rate',
          about: 'Of the reads that the cache answered.',
          unit: 'percentunit',
          targets: [
            [
              `${sum(`${CACHE}_reads_total`, '', 'result="hit"')} / ${sum(`${CACHE}_reads_total`, '', 'result=~"hit|miss"')}`,
              'hits',
            ],
          ],
        },
        {
          title: 'Reads by result',
          about: 'A second. What the cache does not answer is read from the database.',
          unit: 'ops',
          isStacked: true,
          targets: [
            [sum(`${CACHE}_reads_total`, 'result'), '{{result}}'],
            [sum(`${CACHE}_failures_total`, 'command, reason'), '{{command}}: {{reason}}'],
          ],
        },
        {
          title: 'Outbox',
          about: 'Writes that the cache has not heard of for more than a second, and who told it of the others.',
          unit: 'short',
          targets: [
            [worst(`${CACHE}_outbox_overdue`, 'instance'), 'overdue {{instance}}'],
            [sum(`${CACHE}_deliveries_total`, 'by'), 'a second, {{by}}'],
          ],
        },
      ],
    },
  ],
  Processes: [
    {
      height: 8,
      panels: [
        {
          title: 'Event loop lag',
          about: 'How late a timer fires: for how long nothing else could be done.',
          unit: 's',
          targets: [
            [quantile(0.99, LAG, 'instance'), 'p99 {{instance}}'],
            [quantile(0.5, LAG, 'instance'), 'p50 {{instance}}'],
          ],
        },
        {
          title: 'Memory',
          about: 'What the process holds, and its JavaScript.',
          unit: 'bytes',
          targets: [
            [selected('process_resident_memory_bytes'), 'resident {{instance}}'],
            [selected('process_heap_bytes'), 'heap {{instance}}'],
          ],
        },
        {
          title: 'Processor',
          about: 'Of one core.',
          unit: 'percentunit',
          targets: [[rate('process_cpu_seconds_total'), '{{instance}}']],
        },
        stat('Up for', 'Since the process started.', 's', `time() - ${selected('process_start_time_seconds')}`),
        {
          title: 'Spans',
          about: 'A second: what is recorded, and what the collector took of it.',
          unit: 'ops',
          targets: [[sum('abasto_trace_spans_total', 'outcome'), '{{outcome}}']],
        },
      ],
    },
  ],
}

const WIDTH = 24
const datasource = { type: 'prometheus', uid: '$' + '{datasource}' }

/** The dashboard as Grafana takes it. */
export function dashboard() {
  const panels: object[] = []
  let y = 0
  for (const [title, lines] of Object.entries(ROWS)) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: place(y++, 0, 1, 1),
    })
    for (const { height, panels: line } of lines) {
      for (const [index, panel] of line.entries()) {
        panels.push({ id: panels.length + 1, ...shown(panel), gridPos: place(y, index, height, line.length) })
      }
      y += height
    }
  }
  return {
    uid: 'abasto',
    title: 'Abasto',
    description: 'A shop on Abasto: traffic, the stock core, databases, what goes between the services, the processes.',
    tags: ['abasto'],
    schemaVersion: 39,
    refresh: '15s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        choice('job', 'Service', 'label_values(abasto_build_info, job)'),
        choice('instance', 'Instance', 'label_values(abasto_build_info{job=~"$job"}, instance)'),
      ],
    },
    panels,
  }
}

const place = (y: number, index: number, h: number, count: number) => {
  const w = Math.floor(WIDTH / count)
  return { x: index * w, y, w, h }
}

const choice = (name: string, label: string, query: string) => ({
  name,
  label,
  type: 'query',
  datasource,
  query: { query, refId: name },
  includeAll: true,
  multi: true,
  refresh: 2,
  current: { text: ['All'], value: ['$__all'] },
})

function shown({ title, about, unit, targets, isStat = false, isStacked = false, states }: Panel): object {
  const curves = { lineWidth: 1, fillOpacity: isStacked ? 20 : 0, stacking: { mode: isStacked ? 'normal' : 'none' } }
  const names = Object.fromEntries((states ?? []).map((text, index) => [index, { text, index }]))
  return {
    type: isStat ? 'stat' : 'timeseries',
    title,
    description: about,
    datasource,
    targets: targets.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      expr,
      legendFormat,
      instant: isStat,
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(isStat ? {} : { custom: curves }),
        ...(states ? { mappings: [{ type: 'value', options: names }] } : {}),
      },
      overrides: [],
    },
    options: isStat ? { reduceOptions: { calcs: ['lastNotNull'] } } : { tooltip: { mode: 'multi', sort: 'desc' } },
  }
}

if (import.meta.main) {
  await Bun.write(FILE, JSON.stringify(dashboard()))
  process.exit(Bun.spawnSync([process.execPath, 'x', 'biome', 'format', '--write', FILE]).exitCode)
}
