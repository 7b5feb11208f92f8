import { Database } from 'bun:sqlite'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Another process has the folder. Its message says which, and what to do. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse'
}

/**
 * Takes a folder for this process alone. The lock is one of the operating system's on a file inside the folder, so it
 * is gone with the process that holds it, however that ends; nothing stale is ever left behind.
 */
export function lockFolder(folder: string, { owner }: { owner: string }): { release: () => void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const ownerFile = join(folder, 'owner')
  const lock = new Database(join(folder, 'lock'), { create: true })
  try {
    lock.run('PRAGMA busy_timeout = 0')
    lock.run('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw new FolderInUse(
      `The folder ${folder} is in use by ${ownerIn(ownerFile)}. ` +
        'Stop that one first, or give this one a folder of its own with ABASTO_DATA.',
      { cause: error },
    )
  }
  writeFileSync(ownerFile, owner)
  return {
    release: () => {
      rmSync(ownerFile, { force: true })
      lock.close()
    },
  }
}

function ownerIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return 'another process'
  }
}
