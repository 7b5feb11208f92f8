import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asPostgres } from './as-postgres.ts'
import { freePort } from './free-port.ts'

export type PgbouncerServer = Readonly<{ url: string; port: number; stop: () => Promise<void> }>

/** How long it may take to open, in milliseconds. */
const PATIENCE_MS = 10_000

/** How many connections to a database all of its clients share: fewer than there are clients, so that they do. */
const POOL_SIZE = 4

/**
 * A pgbouncer of its own for tests, in transaction mode and otherwise with its default settings, before every database
 * of the PostgreSQL on `port`. Its address says what it is (`pgbouncer=true`).
 */
export async function startPgbouncer({ port: server }: Readonly<{ port: number }>): Promise<PgbouncerServer> {
  const program = Bun.which('pgbouncer', { PATH: `${process.env.PATH}:/usr/sbin` })
  if (!program) throw new Error('pgbouncer is not installed: on Debian, apt-get install pgbouncer')
  const folder = mkdtempSync(join(tmpdir(), 'abasto-pgbouncer-'))
  const port = await freePort()
  const settings = join(folder, 'pgbouncer.ini')
  writeFileSync(settings, settingsOf({ port, server }))
  chmodSync(folder, 0o755)
  const bouncer = Bun.spawn(asPostgres([program, settings]), { stdio: ['ignore', 'ignore', 'pipe'] })
  const stop = async () => {
    bouncer.kill('SIGKILL')
    await bouncer.exited
    rmSync(folder, { recursive: true, force: true })
  }

  const opened = Promise.withResolvers<boolean>()
  let said = ''
  // Read to its end: a process whose words nobody takes would stop at some point.
  void (async () => {
    for await (const words of bouncer.stderr.pipeThrough(new TextDecoderStream())) {
      if (said.length < 10_000) said += words
      if (said.includes('process up')) opened.resolve(true)
    }
    opened.resolve(false)
  })()
  const timer = setTimeout(() => opened.resolve(false), PATIENCE_MS)
  const isOpen = await opened.promise
  clearTimeout(timer)
  if (isOpen) return { url: `postgres://postgres@127.0.0.1:${port}/postgres?pgbouncer=true`, port, stop }
  await stop()
  throw new Error(`pgbouncer did not open on port ${port}: ${said}`)
}

const settingsOf = ({ port, server }: Readonly<{ port: number; server: number }>): string => `
[databases]
* = host=127.0.0.1 port=${server} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${POOL_SIZE}
max_client_conn = 500
`
