// `bun scripts/build-sdk.ts`: the SDK as it is published, in its folder `dist`: one file as a module and one as CommonJS, with
// the types of each. With `--pack FOLDER` also the tarball, as `npm publish` would send it.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dir, '..')
const source = join(root, 'sdk')
const entry = join(source, 'src/abasto.ts')
const SPECIFIER = /from '\.\/([\w.-]+)\.ts'/g

/** Writes the package into a folder, which is emptied first. */
export async function buildSdk(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await writeCode(folder, 'esm', 'abasto.js')
  await writeCode(folder, 'cjs', 'abasto.cjs')
  await writeTypes(folder)
  for (const file of ['README.md', 'api.md']) cpSync(join(source, file), join(folder, file))
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(publishedManifest(), null, 2)}\n`)
}

/** Packs a folder that was built, and says where the tarball is. */
export async function packSdk(folder: string, destination: string): Promise<string> {
  mkdirSync(destination, { recursive: true })
  await run([process.execPath, 'pm', 'pack', '--quiet', '--ignore-scripts', '--destination', destination], folder)
  const { name, version } = publishedManifest() as { name: string; version: string }
  return join(destination, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)
}

/** The manifest of the workspace with what `publishConfig` says in place of what leads to the sources. */
function publishedManifest(): Record<string, unknown> {
  const { private: _, dependencies: __, publishConfig, ...manifest } = readManifest()
  const { access, ...published } = publishConfig as Record<string, unknown>
  return { ...manifest, ...published, publishConfig: { access } }
}

function readManifest(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
}

async function writeCode(folder: string, format: 'esm' | 'cjs', file: string): Promise<void> {
  // For browsers too: nothing of Node or Bun may be assumed.
  const built = await Bun.build({ entrypoints: [entry], format, target: 'browser' })
  const [output] = built.outputs
  if (!output || built.outputs.length > 1) throw new Error(`The SDK is one file, not ${built.outputs.length}.`)
  writeFileSync(join(folder, file), await output.text())
}

/** Writes the declarations that can be reached from the entry, once for each of the two module systems. */
async function writeTypes(folder: string): Promise<void> {
  const all = join(folder, 'types-of-all-files')
  const flags = '--ignoreConfig --declaration --emitDeclarationOnly --target es2022 --lib es2023,dom,dom.iterable'
  const more = '--module nodenext --strict --exactOptionalPropertyTypes --verbatimModuleSyntax --types'
  const options = [...`${flags} ${more}`.split(' '), '', '--allowImportingTsExtensions', '--outDir', all]
  await run([process.execPath, 'x', 'tsc', entry, ...options], root)
  const types = join(folder, 'types')
  mkdirSync(types)
  const waiting = ['abasto']
  for (const name of waiting) {
    const text = readFileSync(join(all, `${name}.d.ts`), 'utf8')
    for (const [, imported = ''] of text.matchAll(SPECIFIER)) if (!waiting.includes(imported)) waiting.push(imported)
    writeFileSync(join(types, `${name}.d.ts`), text.replaceAll(SPECIFIER, "from './$1.js'"))
    writeFileSync(join(types, `${name}.d.cts`), text.replaceAll(SPECIFIER, "from './$1.cjs'"))
  }
  rmSync(all, { recursive: true })
}

async function run(command: string[], cwd: string): Promise<void> {
  const child = Bun.spawn(command, { cwd, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [out, problems] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  if ((await child.exited) !== 0) throw new Error(`${command.slice(1, 4).join(' ')} failed:\n${out}${problems}`)
}

if (import.meta.main) {
  const folder = join(source, 'dist')
  await buildSdk(folder)
  console.log('sdk/dist written.')
  const at = process.argv.indexOf('--pack')
  if (at > 0) console.log(await packSdk(folder, resolve(process.argv[at + 1] ?? '.')))
}
