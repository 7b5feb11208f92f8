import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** A file of the project. Its path is relative to the root, with `/` between the names. */
export type ProjectFile = Readonly<{ path: string; text: string }>

/** What a check looked at, and what it found wrong, one sentence each. */
export type Verdict = Readonly<{ lookedAt: number; faults: readonly string[] }>

export const root = join(import.meta.dir, '../..')

// What `.gitignore` leaves out, and the data that is not ours.
const NOT_OURS = ['.git', 'node_modules', 'dist', 'coverage', '.abasto', '.env', 'bun.lock']
const DATA = /^tests\/data\/.*\.gz$|\.(png|jpg|ico|log|tgz|binpb)$/

/** Every file of the project that somebody wrote, with its text; that of a picture or of data is empty. */
export function projectFiles(folder = root): ProjectFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.includes(entry.name)) return []
    const full = join(folder, entry.name)
    if (entry.isDirectory()) return projectFiles(full)
    const path = relative(root, full)
    if (!entry.isFile()) return []
    return [{ path, text: DATA.test(path) ? '' : readFileSync(full, 'utf8') }]
  })
}

export const isTest = (path: string): boolean => /\.test\.ts$/.test(path)

export const isCode = (path: string): boolean => path.endsWith('.ts')

/** A file that a program wrote. */
export const isGenerated = (path: string): boolean =>
  path.endsWith('.gen.ts') ||
  ['proto/gen/', 'deploy/grafana/', 'docs/proof/', 'bench/results.json'].some((folder) => path.startsWith(folder))

const IMPORT = /^(?:import|export)\b[^'"`;]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm

/** What a file imports, as it is written there. */
export const importsOf = ({ text }: ProjectFile): string[] =>
  [...text.matchAll(IMPORT)].map((found) => found[1] ?? found[2] ?? found[3] ?? '')
