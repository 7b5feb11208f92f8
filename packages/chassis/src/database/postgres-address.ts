import { existsSync, readFileSync } from 'node:fs'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'

/**
 * What the address of a PostgreSQL says beyond where it is. `url` is the address without that, for the driver: it would
 * take `pgbouncer` for a setting of the server, and of `sslmode` it makes less than the name promises.
 */
export type PostgresAddress = Readonly<{
  url: string
  /** What `sslmode` comes to, for drivers that take it by its name. */
  mode: Mode
  /** There is a pooler in transaction mode: one statement may run on another connection than the one before it. */
  isPooled: boolean
  tls: 'prefer' | PostgresTls | false
}>

/** What the driver is told of TLS. */
export type PostgresTls = Readonly<{
  rejectUnauthorized: boolean
  ca?: string
  servername?: string
  checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined
}>

/** An address that cannot be used. Its message is a sentence without the address, which may hold a password. */
export class BadAddress extends Error {
  override readonly name = 'BadAddress'
}

const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

export type Mode = (typeof MODES)[number]

/** Reads `pgbouncer`, `sslmode` and `sslrootcert`, which mean what they mean to Prisma and to libpq. */
export function readAddress(text: string): PostgresAddress {
  if (!URL.canParse(text)) throw new BadAddress('This is no address of a PostgreSQL.')
  const url = new URL(text)
  const take = (name: string) => {
    const value = url.searchParams.get(name)
    url.searchParams.delete(name)
    return value ?? undefined
  }
  const isPooled = pooledOf(take('pgbouncer'))
  const asked = modeOf(take('sslmode'))
  // Other drivers ask for TLS so, and whoever does must not be left without it unawares.
  if (url.searchParams.has('ssl')) throw new BadAddress('The address of a PostgreSQL says ssl: say sslmode instead.')
  const root = take('sslrootcert')
  // Whoever is content with the authorities that everyone trusts wants to know at least whom they vouch for.
  const mode = root === 'system' ? 'verify-full' : (asked ?? 'disable')
  return { url: url.href, mode, isPooled, tls: tlsOf(mode, root, decodeURIComponent(url.hostname)) }
}

function pooledOf(value: string | undefined): boolean {
  if (value === undefined || value === 'false') return false
  if (value === 'true') return true
  throw new BadAddress('In the address of a PostgreSQL pgbouncer is true or false.')
}

function modeOf(value: string | undefined): Mode | undefined {
  if (value === undefined) return undefined
  const mode = MODES.find((known) => known === value)
  if (mode) return mode
  throw new BadAddress(`In the address of a PostgreSQL sslmode is one of ${MODES.join(', ')}.`)
}

/**
 * As libpq has it: `require` encrypts and asks for no proof, unless there is somebody who is trusted to give one; then,
 * and with `verify-ca`, the server must show a certificate of theirs, and with `verify-full` one that is made out to the
 * host of the address.
 */
function tlsOf(mode: Mode, root: string | undefined, host: string): PostgresAddress['tls'] {
  if (mode === 'disable') {
    if (root === undefined) return false
    throw new BadAddress('The address of a PostgreSQL names an sslrootcert, but its sslmode asks for no TLS.')
  }
  if (mode === 'prefer') return 'prefer'
  const name = /^[\d.]+$|^\[/.test(host) ? {} : { servername: host }
  if (mode === 'require' && root === undefined) return { rejectUnauthorized: false, ...name }
  return {
    rejectUnauthorized: true,
    ...(root === undefined || root === 'system' ? {} : { ca: certificates(root) }),
    ...name,
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(host.replace(/^\[|\]$/g, ''), certificate) : undefined,
  }
}

function certificates(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8')
  throw new BadAddress(`The sslrootcert of the address of a PostgreSQL is "${file}": there is no such file.`)
}
