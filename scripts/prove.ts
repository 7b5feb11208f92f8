// `bun run prove`: the proofs at their full size, on servers that it starts itself, and the report of what ran and what
// was found. With the titles of some of its runs as arguments it does these alone, and writes their sections anew.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPgbouncer } from './pgbouncer-server.ts'
import { startPostgres } from './postgres-server.ts'
import { startRedis } from './redis-server.ts'
import { install, requireBun } from './start.ts'

requireBun()
install()
// The driver is one of the packages that a new clone does not have yet.
const { MongoClient } = await import('mongodb')
const { startMongo } = await import('./mongo-server.ts')

const root = join(import.meta.dir, '..')
const folder = mkdtempSync(join(tmpdir(), 'abasto-proof-'))
const notes = join(folder, 'notes')

/**
 * One run of the test runner. `shop` says what the shops of the tests are made of: one process, or one per service.
 * `settings` gives it a PostgreSQL of its own, which has them; `hasTrio` a MongoDB of three nodes beside that of one.
 */
type Run = Readonly<{
  title: string
  shop: 'one' | 'split' | 'split-rest'
  suites: readonly string[]
  /** Of these suites, the tests whose names begin so. */
  only?: string
  settings?: Readonly<Record<string, string>>
  hasTrio?: boolean
}>

const RUNS: readonly Run[] = [
  {
    title: 'The stock core',
    shop: 'one',
    suites: [
      'tests/stock',
      'packages/inventory',
      'packages/products',
      'packages/kernel',
      'packages/chassis/src/database',
      'packages/chassis/src/grpc',
    ],
  },
  { title: 'The race', shop: 'one', suites: ['tests/race', 'tests/linearizability'] },
  {
    title: 'The stock stream',
    shop: 'one',
    suites: ['tests/stock/stream.test.ts', 'tests/stock/stream-mongodb.test.ts'],
  },
  { title: 'Same verdicts', shop: 'one', suites: ['tests/verdicts', 'packages/inventory/src/domain'] },
  { title: 'Planted faults', shop: 'one', suites: ['tests/planted'] },
  { title: 'Lost peers', shop: 'one', suites: ['tests/grpc', 'tests/network'] },
  {
    title: 'The cache',
    shop: 'one',
    suites: ['crash', 'freshness', 'line', 'outages', 'processes'].map((name) => `tests/cache/${name}.test.ts`),
  },
  { title: 'The cache, modelled', shop: 'one', suites: ['tests/cache/model'] },
  { title: 'A Redis Cluster', shop: 'one', suites: ['tests/cache/cluster'] },
  { title: 'Restarts', shop: 'one', suites: ['tests/processes'] },
  ...['PostgreSQL', 'PostgreSQL with every table in partitions', 'MongoDB'].map(
    (store): Run => ({
      title: `Killed on ${store}`,
      shop: 'one',
      suites: ['tests/kills/failpoints.test.ts'],
      only: `the inventory service on ${store} is killed`,
    }),
  ),
  {
    title: 'MongoDB',
    shop: 'one',
    suites: [
      'packages/inventory/src/infrastructure/promises.test.ts',
      'packages/inventory/src/infrastructure/mongodb',
      'tests/stock/verify-mongodb.test.ts',
      'tests/network/mongo.test.ts',
    ],
    hasTrio: true,
  },
  { title: 'The primary of MongoDB killed', shop: 'one', suites: ['tests/kills/mongo-primary.test.ts'] },
  {
    title: 'Killed connections',
    shop: 'one',
    suites: ['tests/kills/backends.test.ts', 'tests/kills/books.test.ts'],
  },
  { title: 'The primary killed', shop: 'one', suites: ['tests/kills/primary.test.ts'] },
  {
    title: 'Serializable',
    shop: 'one',
    suites: ['tests/race', 'tests/verdicts', 'tests/kills/backends.test.ts', 'tests/stock/sales.test.ts'],
    settings: { default_transaction_isolation: 'serializable' },
  },
  { title: 'What is sent to PostgreSQL', shop: 'one', suites: ['tests/sql', 'tests/migrations'] },
  { title: 'Expiry', shop: 'one', suites: ['tests/expiry'] },
  { title: 'The SDK on a bad line', shop: 'one', suites: ['tests/sdk/faults.test.ts'] },
  { title: 'Split over gRPC', shop: 'split', suites: ['tests/stock'] },
  { title: 'Split over REST', shop: 'split-rest', suites: ['tests/stock/services.test.ts'] },
]

type Outcome = Run & Readonly<{ status: number; passed: number; failed: number; seconds: number; findings: string[] }>

const HEADER = `# The proof

Written by \`bun run prove\`, which runs the suites of the promises at their full size on a PostgreSQL, a MongoDB and
a Redis of its own: PostgreSQL with fsync and synchronous_commit on, MongoDB with its journal and majority writes. What
concerns stock ends with an audit of the books that shares nothing with the service, by SQL or from the documents, and
with \`abasto verify\`. Each run writes its own section.`

const reportFile = join(root, 'docs/proof/report.md')
const wanted = process.argv.slice(2)
const chosen = RUNS.filter(({ title }) => wanted.length === 0 || wanted.includes(title))
if (chosen.length === 0) {
  console.error(`The runs are: ${RUNS.map(({ title }) => `"${title}"`).join(', ')}.`)
  process.exit(2)
}
const postgres = await startPostgres()
const pgbouncer = await startPgbouncer(postgres)
const redis = await startRedis()
const mongo = await startMongo()
const version = await versionOf(postgres.url)
const mongoVersion = await mongoVersionOf(mongo.url)
let status = 0
let tests: { kill: (signal: NodeJS.Signals) => void } | undefined
let isStopped = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    isStopped = true
    tests?.kill(signal)
  })
}
for (const run of chosen) {
  const outcome = await outcomeOf(run)
  status ||= outcome.status
  // What was broken off is not what the run came to.
  if (isStopped) break
  write(outcome)
}
await mongo.stop()
await redis.stop()
await pgbouncer.stop()
postgres.stop()
rmSync(folder, { recursive: true, force: true })
process.exit(status)

async function outcomeOf(run: Run): Promise<Outcome> {
  console.error(`\n== ${run.title}`)
  writeFileSync(notes, '')
  const own = run.settings && (await startPostgres(run.settings))
  const trio = run.hasTrio ? await startMongo({ nodes: 3 }) : undefined
  const started = performance.now()
  const child = Bun.spawn(
    [process.execPath, 'test', '--timeout=20000', ...(run.only ? ['-t', run.only] : []), ...run.suites],
    {
      cwd: root,
      env: {
        ...process.env,
        TEST_POSTGRES_URL: (own ?? postgres).url,
        TEST_PGBOUNCER_URL: pgbouncer.url,
        TEST_REDIS_URL: redis.url,
        TEST_MONGODB_URL: mongo.url,
        ...(trio ? { TEST_MONGODB_TRIO_URL: trio.url } : {}),
        TEST_SHOP: run.shop,
        ABASTO_PROOF: 'full',
        ABASTO_PROOF_NOTES: notes,
      },
      stdio: ['ignore', 'inherit', 'pipe'],
    },
  )
  tests = child
  let said = ''
  for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
    process.stderr.write(chunk)
    said += chunk
  }
  const status = await child.exited
  own?.stop()
  await trio?.stop()
  return {
    ...run,
    status,
    passed: Number(/^\s*(\d+) pass$/m.exec(said)?.[1] ?? 0),
    failed: Number(/^\s*(\d+) fail$/m.exec(said)?.[1] ?? 0),
    seconds: Math.round((performance.now() - started) / 1_000),
    findings: readFileSync(notes, 'utf8').trim().split('\n').filter(Boolean).map(finding),
  }
}

/** Puts what a run came to into the report, in the place of what it came to the last time. */
function write(outcome: Outcome): void {
  const known = existsSync(reportFile)
    ? readFileSync(reportFile, 'utf8')
        .split(/^(?=## )/m)
        .slice(1)
    : []
  const sections = new Map(known.map((text) => [/^## (.*)$/m.exec(text)?.[1] ?? '', text.trimEnd()]))
  sections.set(outcome.title, section(outcome))
  const ordered = RUNS.flatMap(({ title }) => sections.get(title) ?? [])
  mkdirSync(join(reportFile, '..'), { recursive: true })
  writeFileSync(reportFile, `${[HEADER, ...ordered].join('\n\n')}\n`)
  console.log(`docs/proof/report.md: ${outcome.title}.`)
}

function section({ title, suites, passed, failed, seconds, findings }: Outcome): string {
  const commit = git('rev-parse', '--short', 'HEAD')
  const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', 'packages', 'sdk', 'tests') !== ''
  const when = `${new Date().toISOString().slice(0, 10)}, commit ${commit}${isChanged ? ' with changes' : ''}`
  const on = `${cpus().length} cores, Bun ${Bun.version}, PostgreSQL ${version}, MongoDB ${mongoVersion}`
  const ran = suites.map((suite) => `\`${suite}\``).join(', ')
  const result = `${passed} passed, ${failed} failed, in ${seconds} s`
  return [`## ${title}`, `${ran}: ${result}; ${when}; ${on}.`, ...findings].join('\n\n').trimEnd()
}

function finding(text: string): string {
  const { what, figures } = JSON.parse(text) as { what: string; figures: Record<string, unknown> }
  const rows = Object.entries(figures).map(([name, value]) => `| ${name} | ${shown(value)} |`)
  return `### ${what[0]!.toUpperCase()}${what.slice(1)}\n\n| | |\n|---|---|\n${rows.join('\n')}\n`
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join('<br>')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ')
}

function git(...words: string[]): string {
  return spawnSync('git', words, { cwd: root, encoding: 'utf8' }).stdout.trim()
}

async function versionOf(url: string): Promise<string> {
  const sql = new Bun.SQL(url, { max: 1 })
  const [row] = await sql`SHOW server_version`
  await sql.end()
  return row.server_version.split(' ')[0]
}

async function mongoVersionOf(url: string): Promise<string> {
  const client = new MongoClient(url)
  try {
    return (await client.db('admin').command({ buildInfo: 1 })).version
  } finally {
    await client.close()
  }
}
