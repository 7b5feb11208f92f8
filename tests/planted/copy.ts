import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Change, Suite } from './fault.ts'

const root = join(import.meta.dir, '../..')

/** A copy of the inventory service, in which faults are planted; everything else is the project's own. */
export type Copy = Readonly<{
  /** Changes the sources, runs `work`, and puts them back. */
  planted: <T>(changes: readonly Change[], work: () => Promise<T>) => Promise<T>
  /** What the compiler says against it; empty when it has nothing to say. */
  typeErrors: () => Promise<string>
  run: (suite: Suite) => Promise<Outcome>
  remove: () => void
}>

/** How many tests passed, and the name of the first that failed, if one did. */
export type Outcome = Readonly<{ passed: number; failed: string | undefined; said: string }>

/** How long one suite may take, in milliseconds. */
const PATIENCE_MS = 180_000

export function makeCopy(): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-planted-'))
  const link = (path: string) => symlinkSync(join(root, path), join(folder, path))
  const take = (path: string) => cpSync(join(root, path), join(folder, path), { recursive: true })
  mkdirSync(join(folder, 'packages/inventory'), { recursive: true })
  for (const path of ['node_modules', 'proto', 'sdk', 'packages/inventory/node_modules']) link(path)
  for (const name of readdirSync(join(root, 'packages'))) if (name !== 'inventory') link(`packages/${name}`)
  for (const path of ['package.json', 'packages/inventory/package.json']) take(path)
  for (const path of ['packages/inventory/src', 'packages/inventory/migrations']) take(path)
  for (const path of ['tests/stock', 'tests/verdicts', 'tests/planted']) take(path)
  writeFileSync(join(folder, 'tsconfig.json'), compilerSettings())

  async function output(command: readonly string[], env: Record<string, string | undefined>): Promise<string> {
    const child = Bun.spawn([...command], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE_MS })
    const said = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited])
    if (child.signalCode !== null) throw new Error(`${command.join(' ')} did not end in time`)
    return said.slice(0, 2).join('\n')
  }

  return {
    planted: async (changes, work) => {
      const files = new Map<string, string>()
      for (const { file } of changes) files.set(file, readFileSync(sourceOf(folder, file), 'utf8'))
      const texts = new Map(files)
      for (const change of changes) texts.set(change.file, changed(texts.get(change.file)!, change))
      try {
        for (const [file, text] of texts) writeFileSync(sourceOf(folder, file), text)
        return await work()
      } finally {
        for (const [file, text] of files) writeFileSync(sourceOf(folder, file), text)
      }
    },

    typeErrors: async () => {
      const said = await output([process.execPath, 'x', 'tsc', '-p', '.', '--pretty', 'false'], process.env)
      return said.trim()
    },

    run: async ({ file, only, needsServer }) => {
      const { ABASTO_PROOF: _, ABASTO_PROOF_NOTES: __, TEST_POSTGRES_URL: server, ...rest } = process.env
      const env = { ...rest, ABASTO_PLANTED: 'yes', ...(needsServer ? { TEST_POSTGRES_URL: server } : {}) }
      const filter = only === undefined ? [] : ['--test-name-pattern', only]
      const said = Bun.stripANSI(
        await output([process.execPath, 'test', '--timeout=20000', `./${file}`, '--bail', ...filter], env),
      )
      return {
        passed: said.match(/^\(pass\) /gm)?.length ?? 0,
        failed: /^\(fail\) (.+?)(?: \[[\d.]+m?s\])?$/m.exec(said)?.[1],
        said,
      }
    },

    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The text with the change made; throws where it no longer fits, because a fault that is not planted proves nothing. */
export function changed(text: string, { file, from, to }: Change): string {
  const count = text.split(from).length - 1
  if (count !== 1) throw new Error(`${file} has ${count} times what was to be changed once: ${from}`)
  return text.replace(from, () => to)
}

export const sourceOf = (folder: string, file: string): string => join(folder, 'packages/inventory/src', file)

/** The settings of the project, for the sources in which faults are planted and what they need. */
function compilerSettings(): string {
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'))
  const include = ['domain', 'application', 'infrastructure'].map((layer) => `packages/inventory/src/${layer}`)
  return JSON.stringify({ compilerOptions, include, exclude: ['**/node_modules', '**/*.test.ts'] })
}
