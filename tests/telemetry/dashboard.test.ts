import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { startCollector } from '../../packages/chassis/src/telemetry/collector.ts'
import { dashboard, FILE } from '../../scripts/grafana-dashboard.ts'
import { type Started, startCommand } from '../processes/command.ts'
import { temporaryFolder } from '../running-shop.ts'

const root = join(import.meta.dir, '../..')
const RULES = join(root, 'deploy/prometheus/alerts.yml')
const CONFIGURATION = join(root, 'deploy/prometheus/prometheus.yml')

const collector = startCollector()
const { folder, remove } = temporaryFolder()
const started: Started[] = []
/** What the services show: the names of their metrics, and of the labels that stand at them. */
let shown: ReadonlyMap<string, ReadonlySet<string>>

beforeAll(async () => {
  const settings = {
    ABASTO_DATA: folder,
    LOG_LEVEL: 'silent',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    // Nobody is there, which costs time and nothing else; the cache is measured all the same.
    REDIS_URL: 'redis://127.0.0.1:1',
  }
  const products = await startCommand('products', settings)
  started.push(products)
  const inventory = await startCommand('inventory', { ...settings, PRODUCTS_GRPC_URL: products.grpc ?? '' })
  started.push(inventory)
  await trade(products, inventory)
  const pages = await Promise.all(started.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()))
  shown = labelsIn(pages.join('\n'))
}, 60_000)

afterAll(async () => {
  await Promise.all(started.map((service) => service.end('SIGTERM')))
  await collector.stop()
  remove()
}, 30_000)

test('every metric of the dashboard is one that the services show, and so are its labels', () => {
  const expressions = dashboard().panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
    targets.map(({ expr }) => expr),
  )

  expect(expressions.length).toBeGreaterThan(40)
  expect(expressions.flatMap(faultsOf)).toEqual([])
})

test('every metric of the alerts is one that the services show, and so are its labels', async () => {
  const expressions = (await rules()).map(({ expr }) => expr)

  expect(expressions.length).toBeGreaterThan(8)
  expect(expressions.flatMap(faultsOf)).toEqual([])
})

test('what the services show is looked at by somebody, or is there to say what runs', async () => {
  const looked = JSON.stringify(dashboard()) + JSON.stringify(await rules())
  const bases = [...shown.keys()].filter((name) => !/_(bucket|sum|count)$/.test(name))

  expect(bases.filter((name) => !looked.includes(name))).toEqual([])
})

test('a metric or a label that nobody shows is found', () => {
  expect(faultsOf('sum by (job) (rate(abasto_made_up_total[5m]))')).toEqual([
    'nobody shows abasto_made_up_total (sum by (job) (rate(abasto_made_up_total[5m])))',
  ])
  expect(faultsOf('abasto_http_requests_in_flight{made_up="x"}')).toHaveLength(1)
})

test('the dashboard that is committed is the one that stands in the script', async () => {
  expect(await Bun.file(join(root, FILE)).json()).toEqual(JSON.parse(JSON.stringify(dashboard())))
})

test('every alert says what it means, and whether it may wait', async () => {
  for (const { alert, labels, annotations } of await rules()) {
    expect(alert).toStartWith('Abasto')
    expect(['page', 'ticket']).toContain(labels.severity)
    expect(annotations.summary.length * annotations.description.length).toBeGreaterThan(0)
  }
})

const promtool = Bun.which('promtool')
if (!promtool) console.log('The rules were read by us, not by Prometheus: promtool is not installed.')
else {
  test('Prometheus takes the rules, the configuration and every expression of the dashboard', async () => {
    const asRules = `${folder}/dashboard.yml`
    const expressions = dashboard().panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) => targets)
    const recorded = expressions.map(({ expr }, index) => ({
      record: `dashboard:${index}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }))
    await Bun.write(asRules, JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] }))

    for (const command of [
      ['rules', RULES],
      ['rules', asRules],
      ['config', CONFIGURATION],
    ]) {
      const { exitCode, stderr, stdout } = Bun.spawnSync([promtool, 'check', ...command])
      expect([exitCode, exitCode === 0 ? '' : `${stdout}${stderr}`]).toEqual([0, ''])
    }
  })
}

type Rule = Readonly<{
  alert: string
  expr: string
  labels: Readonly<{ severity: string }>
  annotations: Readonly<{ summary: string; description: string }>
}>

async function rules(): Promise<readonly Rule[]> {
  const file = Bun.YAML.parse(await Bun.file(RULES).text()) as { groups: { rules: Rule[] }[] }
  return file.groups.flatMap(({ rules }) => rules)
}

/** Labels that Prometheus adds to what it scrapes, and the metric that it makes itself. */
const ADDED = ['job', 'instance']
const MADE = 'up'

/** The metrics and labels in an expression that no service shows. */
function faultsOf(expression: string): string[] {
  const faults: string[] = []
  const metrics = [...expression.matchAll(/\b(abasto_\w+|process_\w+|up)\b(?:\{([^}]*)\})?/g)]
  if (metrics.length === 0) faults.push(`there is no metric in ${expression}`)
  const known = new Set(ADDED)
  for (const [, name = '', selector = ''] of metrics) {
    const labels = name === MADE ? new Set<string>() : shown.get(name)
    if (!labels) {
      faults.push(`nobody shows ${name} (${expression})`)
      continue
    }
    for (const label of labels) known.add(label)
    // A count with labels that has not begun shows none of them.
    const isEmpty = name !== MADE && labels.size === 0
    for (const [, label = ''] of selector.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)) {
      if (!isEmpty && !known.has(label)) faults.push(`${name} has no label ${label} (${expression})`)
    }
    if (isEmpty) return faults
  }
  for (const [, list = ''] of expression.matchAll(/\bby \(([^)]*)\)/g)) {
    for (const label of list.split(/,\s*/)) {
      if (!known.has(label)) faults.push(`none of its metrics has the label ${label} (${expression})`)
    }
  }
  return faults
}

/** The names in a page of metrics, with the labels of each; what has no value yet is there by its name alone. */
function labelsIn(page: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const [, name = ''] of page.matchAll(/^# TYPE (\S+)/gm)) found.set(name, found.get(name) ?? new Set())
  for (const [, name = '', labels = ''] of page.matchAll(/^([a-z_]+)(?:\{(.*)\})? \S+$/gm)) {
    // That it has a value is said by a label without a name.
    const known = (found.get(name) ?? new Set()).add('')
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label)
    found.set(name, known)
  }
  return found
}

/** Adds a product and some of it, looks at it and sells it. */
async function trade(products: Started, inventory: Started): Promise<void> {
  const post = async ({ url, apiKey }: Started, type: string, attributes: object, product?: string) => {
    const relationships = product && { product: { data: { type: 'products', id: product } } }
    const response = await fetch(`${url}/api/v1/${type}`, {
      method: 'POST',
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/vnd.api+json', 'Idempotency-Key': type },
      body: JSON.stringify({ data: { type, attributes, ...(relationships ? { relationships } : {}) } }),
    })
    if (response.status !== 201) throw new Error(`${type}: ${await response.text()}`)
    return (await response.json()) as { data: { id: string } }
  }
  const attributes = { sku: 'LAMP', name: 'Lamp', price: '2.50', currency: 'EUR' }
  const { id } = (await post(products, 'products', attributes)).data
  await post(products, 'products', attributes)
  await post(inventory, 'inventory', { quantity: 5 }, id)
  await post(inventory, 'purchases', { quantity: 1 }, id)
  await fetch(`${products.url}/api/v1/products/${id}`, { headers: { 'X-API-Key': products.apiKey } })
}
