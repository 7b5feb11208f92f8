// `bun run prove`: the proofs at their full size, on servers that it starts itself, and the report of what ran and what
// was found. With the titles of some of its runs as arguments it does these alone and writes no report.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from './postgres-server.ts'
import { startRedis } from './redis-server.ts'
import { install, requireBun } from './start.ts'

requireBun()
install()

const root = join(import.meta.dir, '..')
const folder = mkdtempSync(join(tmpdir(), 'abasto-proof-'))
const notes = join(folder, 'notes')

/** One run of the test runner. `shop` says what the shops of the tests are made of: one process, or one per service. */
type Run = Readonly<{ title: string; shop: 'one' | 'split' | 'split-rest'; suites: readonly string[] }>

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
  {
    title: 'The wire',
    shop: 'one',
    suites: ['tests/cache', 'tests/grpc', 'tests/processes', 'tests/sdk/faults.test.ts', 'tests/network'],
  },
  { title: 'Split over gRPC', shop: 'split', suites: ['tests/stock'] },
  { title: 'Split over REST', shop: 'split-rest', suites: ['tests/stock/services.test.ts'] },
]

type Outcome = Run & Readonly<{ status: number; passed: number; failed: number; seconds: number; findings: string[] }>

const postgres = await startPostgres()
const redis = await startRedis()
const wanted = process.argv.slice(2)
const outcomes: Outcome[] = []
for (const run of RUNS) {
  if (wanted.length === 0 || wanted.includes(run.title)) outcomes.push(await outcomeOf(run))
}
const version = await versionOf(postgres.url)
await redis.stop()
postgres.stop()

if (wanted.length > 0) {
  // A part of the proof is for whoever works on that part; only the whole is written down.
  console.log(outcomes.map(section).join('\n'))
} else {
  mkdirSync(join(root, 'docs/proof'), { recursive: true })
  writeFileSync(join(root, 'docs/proof/report.md'), report())
  console.log('docs/proof/report.md written.')
}
rmSync(folder, { recursive: true, force: true })
process.exit(outcomes.find(({ status }) => status !== 0)?.status ?? (outcomes.length === 0 ? 2 : 0))

async function outcomeOf(run: Run): Promise<Outcome> {
  console.error(`\n== ${run.title}`)
  writeFileSync(notes, '')
  const started = performance.now()
  const tests = Bun.spawn([process.execPath, 'test', ...run.suites], {
    cwd: root,
    env: {
      ...process.env,
      TEST_POSTGRES_URL: postgres.url,
      TEST_REDIS_URL: redis.url,
      TEST_SHOP: run.shop,
      ABASTO_PROOF: 'full',
      ABASTO_PROOF_NOTES: notes,
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tests.kill(signal))
  let said = ''
  for await (const chunk of tests.stderr.pipeThrough(new TextDecoderStream())) {
    process.stderr.write(chunk)
    said += chunk
  }
  return {
    ...run,
    status: await tests.exited,
    passed: Number(/^\s*(\d+) pass$/m.exec(said)?.[1] ?? 0),
    failed: Number(/^\s*(\d+) fail$/m.exec(said)?.[1] ?? 0),
    seconds: Math.round((performance.now() - started) / 1_000),
    findings: readFileSync(notes, 'utf8').trim().split('\n').filter(Boolean).map(finding),
  }
}

function report(): string {
  const commit = git('rev-parse', '--short', 'HEAD')
  const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', 'packages', 'sdk', 'tests') !== ''
  return `# The proof

Written by \`bun run prove\`, which runs the suites of the promises at their full size on a PostgreSQL and a Redis of
its own, fsync and synchronous_commit on. What concerns stock ends with an audit of the books by SQL that shares nothing
with the service.

| | |
|---|---|
| When | ${new Date().toISOString().slice(0, 10)} |
| Commit | ${commit}${isChanged ? ', with changes that were not committed' : ''} |
| On | ${cpus().length} cores, Bun ${Bun.version}, PostgreSQL ${version} |

${outcomes.map(section).join('\n')}`
}

function section({ title, suites, passed, failed, seconds, findings }: Outcome): string {
  return `## ${title}

${suites.map((suite) => `\`${suite}\``).join(', ')}: ${passed} passed, ${failed} failed, in ${seconds} s.

${findings.join('\n')}`
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
