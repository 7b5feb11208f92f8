import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { embeddedFolders } from '../verify/databases.ts'
import { CannotCopy } from './cannot-copy.ts'

/** Refuses what is there and is no folder. */
export function expectFolder(target: string): void {
  if (!existsSync(target) || statSync(target).isDirectory()) return
  throw new CannotCopy(`${target} is a file, and an embedded database takes a folder: name another one.`)
}

/** Refuses a folder to copy into that is the inside of a database: what a server keeps there is nobody else's. */
export function expectNoDatabaseAround(target: string): void {
  for (const folder of upwardsFrom(realPathOf(target))) {
    if (!existsSync(join(folder, 'PG_VERSION'))) continue
    throw new CannotCopy(`The folder ${target} is inside of a database, the one in ${folder}: name another one.`)
  }
}

/** Refuses two folders of which one lies in the other: whoever takes one of them away takes both. */
export function expectApart(source: string, target: string): void {
  // Where there is nothing to copy, that is what is said.
  if (embeddedFolders(source).length === 0) return
  const [from, to] = [realPathOf(source), realPathOf(target)]
  if (isWithin(from, to)) throw new CannotCopy(`The folder ${target} lies within ${source}: copy to one outside of it.`)
  if (isWithin(to, from)) throw new CannotCopy(`The folder ${source} lies within ${target}: copy to one beside it.`)
}

function isWithin(outer: string, inner: string): boolean {
  const path = relative(outer, inner)
  return path !== '..' && !path.startsWith('../') && !isAbsolute(path)
}

/** Where a folder is or would be, without symbolic links as far as it exists. */
function realPathOf(folder: string): string {
  const path = resolve(folder)
  if (existsSync(path)) return realpathSync(path)
  const above = dirname(path)
  return above === path ? path : join(realPathOf(above), path.slice(above.length))
}

/** The folder and all that it lies in. */
function upwardsFrom(folder: string): string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...upwardsFrom(above)]
}
