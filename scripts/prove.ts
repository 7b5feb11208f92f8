// `bun run prove`: the proofs of the stock core at their full size, on a PostgreSQL that it starts itself, and the
// report of what ran and what was found.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from './postgres-server.ts'
import { install, requireBun } from './start.ts'

requireBun()
install()

const root = join(import.meta.dir, '..')
const folder = mkdtempSync(join(tmpdir(), 'abasto-proof-'))
const notes = join(folder, 'notes')
writeFileSync(notes, '')

const SUITES = [
  'tests/stock',
  'packages/inventory',
  'packages/products',
  'packages/kernel',
  'packages/chassis/src/database',
]

const server = await startPostgres()
const started = performance.now()
const tests = Bun.spawn([process.execPath, 'test', ...SUITES], {
  cwd: root,
  env: {
    ...process.env,
    TEST_POSTGRES_URL: server.url,
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
const status = await tests.exited
const seconds = Math.round((performance.now() - started) / 1_000)
const version = await versionOf(server.url)
server.stop()

mkdirSync(join(root, 'docs/proof'), { recursive: true })
writeFileSync(join(root, 'docs/proof/report.md'), report())
rmSync(folder, { recursive: true, force: true })
console.log('docs/proof/report.md written.')
process.exit(status)

function report(): string {
  const passed = Number(/^\s*(\d+) pass$/m.exec(said)?.[1] ?? 0)
  const failed = Number(/^\s*(\d+) fail$/m.exec(said)?.[1] ?? 0)
  const findings = readFileSync(notes, 'utf8').trim().split('\n').filter(Boolean).map(finding)
  const commit = git('rev-parse', '--short', 'HEAD')
  const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', 'packages', 'tests/stock') !== ''
  return `# The proof of the stock core

Written by \`bun run prove\`, which runs the suites of the stock core at their full size on a PostgreSQL of its own with
fsync and synchronous_commit on, and ends with an audit of the books by SQL that shares nothing with the service.

| | |
|---|---|
| When | ${new Date().toISOString().slice(0, 10)} |
| Commit | ${commit}${isChanged ? ', with changes that were not committed' : ''} |
| On | ${cpus().length} cores, Bun ${Bun.version}, PostgreSQL ${version} |
| Suites | ${SUITES.map((suite) => `\`${suite}\``).join(', ')} |
| Tests | ${passed} passed, ${failed} failed, in ${seconds} s |

## What was found

${findings.join('\n')}
`
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
