// `bun run coverage`: runs the tests and fails when too little of the source was executed by them: below 80% of all
// lines, or below 90% of the lines of any `domain/` or `application/` folder. A file that no test loads counts as
// wholly uncovered, which the runner's own report would pass over in silence.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { install, requireBun } from './start.ts'

type Lines = Readonly<{ found: number; hit: number }>

const LEAST_OVERALL = 80
const LEAST_INSIDE = 90
const root = resolve(import.meta.dir, '..')
const IMPORT = /^(?:import|export)\b[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm
const transpiler = new Bun.Transpiler({ loader: 'ts' })

if (import.meta.main) {
  requireBun()
  install()
  const folder = mkdtempSync(join(tmpdir(), 'abasto-coverage-'))
  const flags = ['--coverage', '--coverage-reporter=lcov', `--coverage-dir=${folder}`]
  const tests = Bun.spawn([process.execPath, 'run', 'test', ...flags, ...process.argv.slice(2)], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit'],
  })
  const status = await tests.exited
  const report = Bun.file(join(folder, 'lcov.info'))
  const lcov = (await report.exists()) ? await report.text() : ''
  rmSync(folder, { recursive: true, force: true })
  if (status !== 0) {
    console.error('The tests failed, so their coverage says nothing.')
    process.exit(1)
  }
  process.exit(judge(await coverageOf(lcov)))
}

/** The lines of every source file, and how many of them the tests executed. */
async function coverageOf(lcov: string): Promise<ReadonlyMap<string, Lines>> {
  const loaded = new Map<string, Lines>()
  for (const record of lcov.split('end_of_record')) {
    const file = /^SF:(.+)$/m.exec(record)?.[1]
    if (!file) continue
    const number = (name: string) => Number(new RegExp(`^${name}:(\\d+)$`, 'm').exec(record)?.[1] ?? 0)
    loaded.set(resolve(root, file), { found: number('LF'), hit: number('LH') })
  }
  const coverage = new Map<string, Lines>()
  for (const file of await sourceFiles()) {
    coverage.set(file, loaded.get(resolve(root, file)) ?? { found: await executableLines(file), hit: 0 })
  }
  return coverage
}

/** Every source file of the packages and of the SDK that something other than a test uses, or that nothing uses. */
async function sourceFiles(): Promise<string[]> {
  const patterns = ['packages/*/src/**/*.ts', 'sdk/src/**/*.ts']
  const all = patterns.flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: root })])
  const users = new Map<string, string[]>()
  for (const file of all) {
    for (const used of await importsOf(file)) users.set(used, [...(users.get(used) ?? []), file])
  }
  // What only tests use, directly or through others, is a part of the tests, such as a fake.
  const isTest = (file: string, seen: ReadonlySet<string> = new Set([file])): boolean => {
    if (/\.(test|check)\.ts$/.test(file)) return true
    const usedBy = users.get(resolve(root, file)) ?? []
    const others = usedBy.filter((user) => !seen.has(user))
    return usedBy.length > 0 && others.every((user) => isTest(user, new Set([...seen, user])))
  }
  return all.filter((file) => !isTest(file) && !file.endsWith('.gen.ts')).sort()
}

async function importsOf(file: string): Promise<string[]> {
  const text = await Bun.file(join(root, file)).text()
  return [...text.matchAll(IMPORT)].flatMap((found) => {
    const name = found[1] ?? found[2] ?? found[3] ?? ''
    if (name.startsWith('.')) return [resolve(root, file, '..', name)]
    const [, owner, path] = /^@abasto\/(\w+)(?:\/(.+))?$/.exec(name) ?? []
    if (!owner) return []
    if (owner === 'sdk') return [join(root, 'sdk/src/abasto.ts')]
    return [join(root, 'packages', owner, 'src', `${path ?? owner}.ts`)]
  })
}

/** How many lines of a file can be executed: those that remain when its types and comments are taken away. */
async function executableLines(file: string): Promise<number> {
  const code = transpiler.transformSync(await Bun.file(join(root, file)).text())
  return code.split('\n').filter((line) => /\w/.test(line) && !/^import .* from /.test(line)).length
}

/** Prints the table and says with which code to leave. */
function judge(coverage: ReadonlyMap<string, Lines>): number {
  const folders = new Map<string, Lines>()
  const total = { found: 0, hit: 0 }
  for (const [file, { found, hit }] of coverage) {
    const folder = file.slice(0, file.lastIndexOf('/'))
    const sum = folders.get(folder) ?? { found: 0, hit: 0 }
    folders.set(folder, { found: sum.found + found, hit: sum.hit + hit })
    total.found += found
    total.hit += hit
  }
  const isInside = (folder: string) => /\/(domain|application)$/.test(folder)
  if (total.found === 0 || ![...folders.keys()].some(isInside)) {
    console.error('No source file was found to measure, so something is wrong with this check.')
    return 1
  }

  const faults: string[] = []
  const row = (name: string, lines: Lines, least: number | undefined) => {
    const percent = percentOf(lines)
    if (least !== undefined && percent < least) faults.push(`${name} is below ${least}%`)
    const mark = least === undefined ? '' : percent < least ? `  below ${least}%` : `  at least ${least}%`
    console.error(`${percent.toFixed(1).padStart(6)}%  ${`${lines.hit}/${lines.found}`.padStart(11)}  ${name}${mark}`)
  }
  console.error('\nLines executed by the tests:')
  for (const [folder, lines] of folders) row(folder, lines, isInside(folder) ? LEAST_INSIDE : undefined)
  row('all of them', total, LEAST_OVERALL)

  const unseen = [...coverage].filter(([, { found, hit }]) => found > 0 && hit === 0).map(([file]) => file)
  if (unseen.length > 0) console.error(`\nNever executed: ${unseen.join(', ')}`)
  for (const fault of faults) console.error(`FAIL  ${fault}`)
  return faults.length > 0 ? 1 : 0
}

function percentOf({ found, hit }: Lines): number {
  return found === 0 ? 100 : (100 * hit) / found
}
