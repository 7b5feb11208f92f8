import postgres from 'postgres'
import { readAddress } from './postgres-address.ts'

/** A database that only one suite of tests uses. */
export type FreshDatabase = Readonly<{
  url: string
  /** Throws out whoever is still connected, and deletes it. */
  drop: () => Promise<void>
}>

/** Makes an empty database on a server; `serverUrl` names any database there whose user may create others. */
export async function freshDatabase(serverUrl: string): Promise<FreshDatabase> {
  const name = `abasto_${Bun.randomUUIDv7().replaceAll('-', '')}`
  const onServer = async (statement: string) => {
    const { url, isPooled, tls } = readAddress(serverUrl)
    const server = postgres(url, { max: 1, ssl: tls, prepare: !isPooled, onnotice: () => {} })
    await server.unsafe(statement).finally(() => server.end())
  }
  await onServer(`CREATE DATABASE ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`) }
}
