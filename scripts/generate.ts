import { contract } from '../packages/contract/src/contract.ts'
import { printSdkTypes } from '../packages/contract/src/sdk-types.ts'

/**
 * Writes what is printed from the contract and committed. With `--check` it writes nothing and fails when a file is
 * not what it would have written.
 */
const generated = [{ file: 'sdk/src/types.gen.ts', text: printSdkTypes(contract) }]

const check = process.argv.includes('--check')
const root = `${import.meta.dir}/..`
let fresh = 0
for (const { file, text } of generated) {
  const target = Bun.file(`${root}/${file}`)
  if ((await target.exists()) && (await target.text()) === text) {
    fresh++
  } else if (check) {
    console.error(`${file} is not what the contract says: run "bun run generate" and commit the result.`)
    process.exitCode = 1
  } else {
    await Bun.write(target, text)
    console.log(`${file} written.`)
  }
}
if (check) console.log(`${fresh} generated ${fresh === 1 ? 'file is' : 'files are'} fresh.`)
