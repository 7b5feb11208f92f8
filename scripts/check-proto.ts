// Asks buf about the proto files: `lint`, whether they are written as they should be; `breaking`, whether a program
// that was made for the last release still understands them. buf says nothing when all is well, so the files are counted.
const [wanted = ''] = process.argv.slice(2)
const commands: Readonly<Record<string, readonly string[]>> = {
  lint: ['lint'],
  breaking: ['breaking', '--against', 'released.binpb'],
}
const command = commands[wanted]
if (!command) {
  console.error(`Say one of: ${Object.keys(commands).join(', ')}.`)
  process.exit(2)
}

const cwd = `${import.meta.dir}/../proto`
const buf = `${import.meta.dir}/../node_modules/.bin/buf`
const files = Bun.spawnSync([process.execPath, buf, 'ls-files'], { cwd }).stdout.toString().trim().split('\n')
const { exitCode } = Bun.spawnSync([process.execPath, buf, ...command], { cwd, stdout: 'inherit', stderr: 'inherit' })
if (exitCode === 0) console.log(`${files.filter((file) => file !== '').length} proto files are fine.`)
process.exit(exitCode)
