import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Database } from './database.ts'
import { openEmbedded } from './embedded.ts'

/** Made once for all the tests of a process. */
let empty: Promise<Blob> | undefined

/**
 * Puts an embedded database without any schema into a folder, the same that a first start would make there. Making one
 * takes the engine seconds, and a copy a tenth of that; so only those tests wait for it that are about a first start.
 */
export async function putEmptyDatabase(folder: string): Promise<void> {
  empty ??= makeEmpty()
  await new Bun.Archive(await empty).extract(folder)
}

/** Opens an empty embedded database that only one suite of tests uses; it is deleted when it is closed. */
export async function freshEmbedded(options: Parameters<typeof openEmbedded>[1] = {}): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-embedded-'))
  await putEmptyDatabase(folder)
  const database = await openEmbedded(folder, options)
  const close = () => database.close().finally(() => rmSync(folder, { recursive: true, force: true }))
  return { ...database, close }
}

async function makeEmpty(): Promise<Blob> {
  const engine = await PGlite.create()
  try {
    return await engine.dumpDataDir('none')
  } finally {
    await engine.close()
  }
}
