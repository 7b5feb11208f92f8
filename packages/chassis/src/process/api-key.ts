import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The key of this shop: the one that is set, else the one kept in the data folder, else a new one that is kept there
 * for its owner alone (mode 0600). Services that start at the same moment in one folder come to have one key.
 */
export function apiKeyOf(data: string, set: string | undefined): string {
  if (set) return set
  const file = join(data, 'api-key')
  const kept = keptIn(file)
  if (kept) return kept
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const key = `abasto_${Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url')}`
  const written = join(data, `api-key.${process.pid}.${Bun.randomUUIDv7()}`)
  writeFileSync(written, `${key}\n`, { mode: 0o600 })
  try {
    // The file appears with all that is in it, and only where there is none: of several, one wins.
    linkSync(written, file)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if (!keptIn(file)) renameSync(written, file)
  } finally {
    rmSync(written, { force: true })
  }
  return keptIn(file) ?? key
}

function keptIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
