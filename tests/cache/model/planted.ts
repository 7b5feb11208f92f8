import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { changed } from '../../planted/copy.ts'
import type { explore } from './explore.ts'
import type { Fault } from './faults.ts'
import type { modelRedis, realRedis } from './redis-server.ts'

const root = join(import.meta.dir, '../../..')

/** The model over a wrong version of the cache. */
export type PlantedModel = Readonly<{
  explore: typeof explore
  modelRedis: typeof modelRedis
  realRedis: typeof realRedis
  remove: () => void
}>

/** Copies the products service and the model, plants the fault, and loads what came of it; all else is the project's. */
export async function plant({ changes }: Pick<Fault, 'changes'>): Promise<PlantedModel> {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-planted-cache-'))
  const link = (path: string) => symlinkSync(join(root, path), join(folder, path))
  const take = (path: string) => cpSync(join(root, path), join(folder, path), { recursive: true })
  mkdirSync(join(folder, 'packages/products'), { recursive: true })
  for (const name of readdirSync(join(root, 'packages'))) if (name !== 'products') link(`packages/${name}`)
  for (const path of ['node_modules', 'packages/products/node_modules']) link(path)
  for (const path of ['package.json', 'packages/products/package.json', 'packages/products/src']) take(path)
  for (const path of ['tests/cache', 'tests/planted']) take(path)
  for (const change of changes) {
    const file = join(folder, 'packages/products/src', change.file)
    writeFileSync(file, changed(readFileSync(file, 'utf8'), change))
  }
  const model = join(folder, 'tests/cache/model')
  const [exploring, servers] = await Promise.all([import(`${model}/explore.ts`), import(`${model}/redis-server.ts`)])
  return { ...exploring, ...servers, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
