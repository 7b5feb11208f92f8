import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSdk, packSdk } from '../../scripts/build-sdk.ts'

/** The SDK as it would be published: the folder that was built, and the tarball that was made of it. */
export type BuiltPackage = Readonly<{ folder: string; tarball: string }>

let built: Promise<BuiltPackage> | undefined

/** Builds and packs the SDK, once for all tests of a process; it is gone when the process ends. */
export function builtPackage(): Promise<BuiltPackage> {
  built ??= build()
  return built
}

async function build(): Promise<BuiltPackage> {
  const place = mkdtempSync(join(tmpdir(), 'abasto-sdk-'))
  process.on('exit', () => rmSync(place, { recursive: true, force: true }))
  const folder = join(place, 'package')
  await buildSdk(folder)
  return { folder, tarball: await packSdk(folder, place) }
}
