import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Outcome = Readonly<{ status: number; out: string; problems: string }>

/** An empty project of somebody who installs the SDK, somewhere outside of this repository. */
export type CustomerProject = Readonly<{
  folder: string
  write: (file: string, text: string) => void
  /** Runs a command in it, with these variables and with nothing of the tests' own environment but the path. */
  run: (command: readonly string[], variables?: Readonly<Record<string, string>>) => Promise<Outcome>
  remove: () => void
}>

export function customerProject(): CustomerProject {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-customer-'))
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
  write('package.json', JSON.stringify({ name: 'customer', version: '1.0.0', private: true }))
  return {
    folder,
    write,
    run: async (command, variables = {}) => {
      const { PATH = '' } = process.env
      // A home of its own: neither settings nor a cache of this machine may help.
      const env = { PATH, HOME: folder, TMPDIR: tmpdir(), CI: 'true', NO_COLOR: '1', ...variables }
      const child = Bun.spawn([...command], { cwd: folder, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
      const [out, problems] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
      return { status: await child.exited, out, problems }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Installs a tarball, and nothing else: no registry can be reached. */
export async function installWith(manager: 'npm' | 'bun', { run }: CustomerProject, tarball: string): Promise<Outcome> {
  const nowhere = 'http://127.0.0.1:1/'
  const command =
    manager === 'npm'
      ? ['npm', 'install', '--no-audit', '--no-fund', '--offline', tarball]
      : [process.execPath, 'add', tarball]
  return run(command, { npm_config_registry: nowhere, BUN_CONFIG_REGISTRY: nowhere })
}
