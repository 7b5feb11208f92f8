import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { contract } from '../packages/contract/src/contract.ts'
import { printSdkTypes } from '../packages/contract/src/sdk-types.ts'

/**
 * Writes what is printed from the contract and from the proto files, and committed. With `--check` it writes nothing
 * and fails when a file is not what it would have written, or would not have been written at all.
 */
const check = process.argv.includes('--check')
const root = `${import.meta.dir}/..`
const generated = [{ file: 'sdk/src/types.gen.ts', text: printSdkTypes(contract) }, ...printMessages()]

let fresh = 0
for (const { file, text } of generated) {
  const target = Bun.file(`${root}/${file}`)
  if ((await target.exists()) && (await target.text()) === text) {
    fresh++
  } else if (check) {
    console.error(`${file} is not what it is generated from: run "bun run generate" and commit the result.`)
    process.exitCode = 1
  } else {
    await Bun.write(target, text)
    console.log(`${file} written.`)
  }
}
for (const file of filesIn(`${root}/proto/gen`).map((name) => `proto/gen/${name}`)) {
  if (generated.some((known) => known.file === file)) continue
  if (check) {
    console.error(`${file} is generated from nothing: run "bun run generate" and commit the result.`)
    process.exitCode = 1
  } else {
    rmSync(`${root}/${file}`)
    console.log(`${file} removed.`)
  }
}
if (check) console.log(`${fresh} generated ${fresh === 1 ? 'file is' : 'files are'} fresh.`)

/** The messages between services, as buf and its plugin for TypeScript print them from the proto files. */
function printMessages(): { file: string; text: string }[] {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-proto-'))
  try {
    const command = [process.execPath, `${root}/node_modules/.bin/buf`, 'generate', '--output', folder]
    // The plugin is started as `bun`, which need not be on the PATH of whoever runs this.
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` }
    const buf = Bun.spawnSync(command, { cwd: `${root}/proto`, env, stdout: 'inherit', stderr: 'inherit' })
    if (buf.exitCode !== 0) throw new Error('buf could not generate the messages from the proto files.')
    const read = (name: string) => ({
      file: `proto/gen/${name}`,
      text: readFileSync(`${folder}/gen/${name}`, 'utf8'),
    })
    return filesIn(`${folder}/gen`).map(read)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}
