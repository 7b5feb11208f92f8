import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The key of this shop: the one that is set, else the one kept in the data folder, else a new one that is kept there
 * for its owner alone (mode 0600).
 */
export function apiKeyOf(data: string, set: string | undefined): string {
  if (set) return set
  const file = join(data, 'api-key')
  const kept = keptIn(file)
  if (kept) return kept
  const key = `abasto_${Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url')}`
  mkdirSync(data, { recursive: true, mode: 0o700 })
  writeFileSync(file, `${key}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
  return key
}

function keptIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
