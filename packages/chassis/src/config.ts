import { databaseOf } from './database/mongo-address.ts'
import { BadAddress, readAddress } from './database/postgres-address.ts'

/** A setting that cannot be used. Its message names the setting and what it takes. */
export class BadSetting extends Error {
  override readonly name = 'BadSetting'
}

export type Environment = Readonly<Record<string, string | undefined>>

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

/** A port of this machine. */
export function portSetting(environment: Environment, name: string, otherwise: number): number {
  const text = environment[name]
  if (text === undefined || text === '') return otherwise
  const port = Number(text)
  if (/^[0-9]{1,5}$/.test(text) && port <= 65_535) return port
  throw new BadSetting(`${name} is "${text}": it takes a port, a whole number from 0 (any that is free) to 65535.`)
}

/** The address of a PostgreSQL database, or undefined where none is set and the embedded one is used. */
export function postgresSetting(environment: Environment, name: string): string | undefined {
  const text = environment[name]
  if (text === undefined || text === '') return undefined
  if (POSTGRES.test(text) && URL.canParse(text)) return readable(text, name, readAddress)
  // The address may carry a password, so it is not repeated.
  throw new BadSetting(`${name} takes an address such as postgres://user:password@localhost:5432/shop.`)
}

/** With a server in it: of `postgres:/shop` the driver would make one of its own. */
const POSTGRES = /^postgres(ql)?:\/\/[^/?]/

/** An address that `read` understands, and of which every driver can tell who asks, with which password, and whom. */
function readable(text: string, name: string, read: (text: string) => unknown = () => {}): string {
  if (!isDecodable(/^[^:/]+:\/\/([^/?#]*)/.exec(text)?.[1] ?? '')) {
    throw new BadSetting(
      `${name} cannot be used. Its user, password or host has a % that stands for no character: the sign itself is written %25.`,
    )
  }
  try {
    read(text)
    return text
  } catch (error) {
    if (error instanceof BadAddress) throw new BadSetting(`${name} cannot be used. ${error.message}`)
    throw error
  }
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** The address of a PostgreSQL or of a MongoDB database, or undefined where none is set and the embedded one is used. */
export function databaseSetting(environment: Environment, name: string): string | undefined {
  const text = environment[name]
  if (text === undefined || text === '') return undefined
  if (isMongo(text)) return readable(text, name, databaseOf)
  if (POSTGRES.test(text)) return postgresSetting(environment, name)
  throw new BadSetting(
    `${name} takes an address such as postgres://user:password@localhost:5432/shop or mongodb://localhost:27017/shop.`,
  )
}

/** Whether an address is that of a MongoDB. One with several hosts is none that `URL` reads. */
export const isMongo = (address: string): boolean => /^mongodb(\+srv)?:\/\/[^/?]+/.test(address)

/**
 * In how many partitions PostgreSQL is to keep each table, or undefined where nothing was asked for. `databases` are the
 * addresses of the databases that it would hold for, each under the name of its setting.
 */
export function partitionsSetting(
  environment: Environment,
  databases: Readonly<Record<string, string | undefined>>,
): number | undefined {
  const text = environment.POSTGRES_PARTITIONS
  if (text === undefined || text === '') return undefined
  if (!/^[0-9]{1,4}$/.test(text) || Number(text) < 2 || Number(text) > 1_024) {
    throw new BadSetting(
      `POSTGRES_PARTITIONS is "${text}": it takes in how many partitions each table is made, from 2 to 1024.`,
    )
  }
  for (const [name, address] of Object.entries(databases)) {
    if (address !== undefined && !isMongo(address)) continue
    throw new BadSetting(`POSTGRES_PARTITIONS is for PostgreSQL only, and ${name} names none.`)
  }
  return Number(text)
}

/** How many connections a process may hold to a database: one to write, one to look whether it is there, others to read. */
export function connectionsSetting(environment: Environment, name: string): number {
  const text = environment[name]
  if (text === undefined || text === '') return 12
  if (/^[0-9]{1,4}$/.test(text) && Number(text) >= 3 && Number(text) <= 1_000) return Number(text)
  throw new BadSetting(`${name} is "${text}": it takes how many connections a process may hold, from 3 to 1000.`)
}

export function logLevelSetting(environment: Environment): LogLevel {
  const text = environment.LOG_LEVEL
  if (text === undefined || text === '') return 'info'
  const level = LOG_LEVELS.find((known) => known === text)
  if (level) return level
  throw new BadSetting(`LOG_LEVEL is "${text}": it takes one of ${LOG_LEVELS.join(', ')}.`)
}

/** The key of this shop, if the environment gives one. */
export function apiKeySetting(environment: Environment): string | undefined {
  const text = environment.ABASTO_API_KEY
  if (text === undefined || text === '') return undefined
  if (/^[\x21-\x7e]{16,255}$/.test(text)) return text
  throw new BadSetting('ABASTO_API_KEY takes 16 to 255 visible ASCII characters without spaces.')
}

/** How long something lasts, in whole milliseconds up to a minute. */
export function durationSetting(environment: Environment, name: string, otherwiseMs: number): number {
  const text = environment[name]
  if (text === undefined || text === '') return otherwiseMs
  if (/^[0-9]{1,5}$/.test(text) && Number(text) <= 60_000) return Number(text)
  throw new BadSetting(`${name} is "${text}": it takes whole milliseconds, from 0 to 60000.`)
}

/**
 * The address of a server, or undefined where none is set: the scheme of the example, or its encrypted form. Behind that
 * of a Redis stands the number of a database, or nothing.
 */
export function urlSetting(environment: Environment, name: string, example: string): string | undefined {
  const text = environment[name]
  if (text === undefined || text === '') return undefined
  const [scheme = ''] = example.split(':')
  const url = URL.parse(text)
  // It may carry a password too.
  if (!url || ![`${scheme}:`, `${scheme}s:`].includes(url.protocol)) {
    throw new BadSetting(`${name} takes an address such as ${example}.`)
  }
  if (scheme === 'redis' && !/^(\/[0-9]*)?$/.test(url.pathname)) {
    throw new BadSetting(`${name} takes an address such as ${example}, and behind it only the number of a database.`)
  }
  return readable(text, name)
}

/** The same, or several addresses with commas between them. */
export function urlsSetting(environment: Environment, name: string, example: string): string | undefined {
  const text = environment[name]
  if (text === undefined || text === '') return undefined
  for (const url of text.split(',')) urlSetting({ [name]: url || ' ' }, name, example)
  return text
}

/** Where a gRPC server is, or several that share the work: a list, or a name that DNS knows all of them by. */
export function addressesSetting(environment: Environment, name: string): string | undefined {
  const text = environment[name]
  if (text === undefined || text === '') return undefined
  const one = String.raw`(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}`
  if (new RegExp(`^(?:dns:///${one}|${one}(?:,${one})*)$`).test(text)) return text
  throw new BadSetting(`${name} is "${text}": it takes host:port, several of them with commas, or dns:///host:port.`)
}

/** Any text, or what stands for it. */
export const textSetting = (environment: Environment, name: string, otherwise: string): string =>
  environment[name] || otherwise
