import { expect, test } from 'bun:test'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { root } from '../tidy/project.ts'
import { type BuiltPackage, builtPackage } from './built-package.ts'

const MOST_BYTES = 10_000

test('what is published holds the client, its types and its docs, and nothing of the tests', async () => {
  const { tarball } = await builtPackage()
  const files = (await print(['tar', 'tzf', tarball])).trim().split('\n')

  const others = files.filter((file) => !/^package\/types\/[\w.-]+\.d\.c?ts$/.test(file))
  expect(others.map((file) => file.slice('package/'.length)).sort()).toEqual([
    'LICENSE',
    'README.md',
    'abasto.cjs',
    'abasto.js',
    'api.md',
    'package.json',
  ])
  expect(files.length).toBeGreaterThan(others.length)
  expect(files.filter((file) => /test|check|unreliable/.test(file))).toEqual([])
}, 60_000)

test('it needs no other package, at run time or at install time', async () => {
  const { folder } = await builtPackage()
  const manifest = JSON.parse(textIn(folder, 'package.json'))
  const imported = ['abasto.js', 'abasto.cjs'].flatMap((file) => [
    ...textIn(folder, file).matchAll(/\brequire\(|^import\b.*/gm),
  ])

  const kinds = ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies', 'scripts']
  expect(kinds.filter((kind) => kind in manifest)).toEqual([])
  expect(imported).toEqual([])
  expect(manifest).toMatchObject({ name: '@abasto/sdk', license: 'MIT', sideEffects: false, engines: { node: '>=20' } })
  expect(manifest.private).toBeUndefined()
}, 60_000)

test('publint finds nothing to say', async () => {
  const { folder } = await builtPackage()

  expect(await messagesOf(folder)).toEqual([])
}, 60_000)

test('publint would see a package whose types lead nowhere', async () => {
  const broken = await brokenCopy(await builtPackage())
  const messages = await messagesOf(broken)
  rmSync(broken, { recursive: true })

  expect(messages).toContain('FILE_DOES_NOT_EXIST')
}, 60_000)

test('the types are right for every way of importing it, says @arethetypeswrong/cli', async () => {
  const { tarball } = await builtPackage()

  expect(await print([process.execPath, 'x', '--bun', 'attw', '--format', 'ascii', tarball])).toContain(
    'No problems found',
  )
}, 60_000)

test('minified and gzipped it is at most 10 kB', async () => {
  const { folder } = await builtPackage()
  const built = await Bun.build({ entrypoints: [join(folder, 'abasto.js')], minify: true, target: 'browser' })
  const bytes = Bun.gzipSync(await built.outputs[0]!.arrayBuffer(), { level: 9 }).length
  console.log(`The SDK is ${bytes} bytes, minified and gzipped.`)

  expect(bytes).toBeGreaterThan(1_000)
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES)
}, 60_000)

const textIn = (folder: string, file: string): string => readFileSync(join(folder, file), 'utf8')

async function messagesOf(pkgDir: string): Promise<string[]> {
  const { messages } = await publint({ pkgDir, pack: false, strict: true })
  return messages.map(({ code }) => code)
}

async function brokenCopy({ folder }: BuiltPackage): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'abasto-broken-'))
  cpSync(folder, copy, { recursive: true })
  writeFileSync(join(copy, 'package.json'), textIn(copy, 'package.json').replaceAll('abasto.d.ts', 'nowhere.d.ts'))
  return copy
}

async function print(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd: root, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [out, problems] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  expect([await child.exited, problems]).toEqual([0, ''])
  return out
}
