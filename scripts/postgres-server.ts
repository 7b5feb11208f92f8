import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

export type PostgresServer = Readonly<{ url: string; port: number; folder: string; stop: () => void }>

/**
 * A PostgreSQL of its own for tests and benchmarks: a new cluster in a temporary folder on a free port, with its
 * default settings (fsync and synchronous_commit on), gone again when it is stopped.
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const programs = postgresPrograms()
  const folder = mkdtempSync(join(tmpdir(), 'abasto-postgres-'))
  const port = await freePort()
  // The server refuses to run as root, so root hands it to the user that the Debian package makes.
  const isRoot = userInfo().uid === 0
  if (isRoot) chownSync(folder, numberOf('id -u postgres'), numberOf('id -g postgres'))

  const run = (program: string, args: string[]) => {
    const command = [join(programs, program), ...args]
    const [name, ...rest] = isRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command
    const { status, stderr, stdout } = spawnSync(name!, rest, { encoding: 'utf8', cwd: folder })
    if (status !== 0) throw new Error(`${program} failed: ${stderr || stdout}`)
  }

  const data = join(folder, 'data')
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale', 'C'])
  const options = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: '300',
  }
  const flags = Object.entries({ ...options, ...settings }).map(([name, value]) => `-c ${name}='${value}'`)
  run('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-o', flags.join(' '), 'start'])

  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    port,
    folder,
    stop: () => {
      run('pg_ctl', ['-D', data, '-w', '-m', 'immediate', 'stop'])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Where `initdb` and `pg_ctl` are: the newest version of the Debian packages, else what the path names. */
export function postgresPrograms(): string {
  const packages = '/usr/lib/postgresql'
  const versions = existsSync(packages) ? readdirSync(packages).sort((a, b) => Number(b) - Number(a)) : []
  const found = versions.map((version) => join(packages, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')))
  if (found) return found
  const initdb = Bun.which('initdb')
  if (!initdb) throw new Error('PostgreSQL is not installed: on Debian, apt-get install postgresql')
  return join(initdb, '..')
}

const numberOf = (command: string): number => Number(spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout)
