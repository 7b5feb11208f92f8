// The way into `abasto` from a new clone: checks the Bun that runs it, installs what is missing, and hands over. It
// imports nothing but Bun's own modules, because nothing else may be there yet.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Ends the process with one sentence unless this is the Bun that the project is pinned to. */
export function requireBun(): void {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wanted = packageManager.replace('bun@', '')
  const found = process.versions.bun
  if (found === wanted) return
  console.error(
    `Abasto runs on Bun ${wanted}, and this is ${found ? `Bun ${found}` : `Node ${process.versions.node}`}: ` +
      `install it with "npm install -g bun@${wanted}", or run this command as "npx bun@${wanted} run …".`,
  )
  process.exit(1)
}

/** Installs the packages of the lock file where that has not been done since it, or a patch of ours, last changed. */
export function install(): void {
  const stamp = join(root, 'node_modules', '.abasto-installed')
  const patches = join(root, 'packages/chassis/patches')
  const files = [join(root, 'bun.lock'), ...readdirSync(patches).map((name) => join(patches, name))]
  const wanted = String(Bun.hash(files.map((file) => readFileSync(file, 'utf8')).join('')))
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const { exitCode } = Bun.spawnSync([process.execPath, 'install', '--frozen-lockfile', '--silent'], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit'],
  })
  if (exitCode !== 0) {
    console.error('The packages could not be installed: is the package registry within reach?')
    process.exit(1)
  }
  Bun.write(stamp, wanted)
}

if (import.meta.main) {
  requireBun()
  install()
  const { runCommand } = await import('../packages/cli/src/main.ts')
  process.exit(await runCommand(process.argv.slice(2)))
}
