import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../packages/chassis/src/config.ts'
import { putEmptyDatabase } from '../packages/chassis/src/database/fresh-embedded.ts'
import { createLog } from '../packages/chassis/src/log.ts'
import { readSettings, type Settings } from '../packages/cli/src/dev/settings.ts'
import { startShop as startShopHere } from '../packages/cli/src/dev/shop.ts'
import { type Addresses, addressFor, embeddedFolders, isSplit, startShop } from './processes/shop.ts'

export const MEDIA_TYPE = 'application/vnd.api+json'

export type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>

/** One request to a shop. The key and the media type are sent unless `headers` says otherwise; `null` leaves one out. */
export type Sending = Readonly<{
  method: string
  /** With `/api/v1`, and percent-encoded as it is to be sent. */
  path: string
  body?: Body
  headers?: Readonly<Record<string, string | null>>
}>

export type Answer = Readonly<{
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents at will, and say what they expect to find.
  document: any
}>

export type RunningShop = Readonly<{
  urls: Addresses
  apiKey: string
  send: (sending: Sending) => Promise<Answer>
  stop: () => Promise<void>
}>

/** A folder of this test's own, and how to be rid of it. */
export function temporaryFolder(): Readonly<{ folder: string; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-test-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Puts an empty database into each of these folders, unless there is one: a shop that is started there need not make it. */
export async function furnish(folders: readonly string[]): Promise<void> {
  await Promise.all(folders.filter((folder) => !existsSync(folder)).map(putEmptyDatabase))
}

/** Starts a shop on free ports and without logs: what `bun run dev` starts, in this process, or what `TEST_SHOP` says. */
export async function runShop(
  data: string,
  databases: Partial<Settings['databases']> = {},
  more: Readonly<Record<string, string>> = {},
): Promise<RunningShop> {
  if (!databases.products || !databases.inventory) await furnish(embeddedFolders(data))
  const { urls, apiKey, stop } = await (isSplit ? runProcesses : runHere)({
    ABASTO_HOST: '127.0.0.1',
    ABASTO_DATA: data,
    LOG_LEVEL: 'silent',
    ...(databases.products ? { PRODUCTS_DATABASE_URL: databases.products } : {}),
    ...(databases.inventory ? { INVENTORY_DATABASE_URL: databases.inventory } : {}),
    ...more,
  })

  const send = async ({ method, path, body, headers: changes = {} }: Sending): Promise<Answer> => {
    const headers = new Headers({ 'X-API-Key': apiKey, Accept: MEDIA_TYPE })
    if (body !== undefined) headers.set('Content-Type', MEDIA_TYPE)
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) headers.delete(name)
      else headers.set(name, value)
    }
    const response = await fetch(addressFor(path, urls) + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    const isDocument = response.headers.get('content-type') === MEDIA_TYPE
    return { status: response.status, headers: response.headers, document: isDocument ? JSON.parse(text) : undefined }
  }
  return { urls, apiKey, send, stop }
}

type Running = Pick<RunningShop, 'urls' | 'apiKey' | 'stop'>

async function runHere(environment: Environment): Promise<Running> {
  const settings: Settings = {
    ...readSettings(environment),
    ports: { gateway: 0, products: 0, inventory: 0 },
    grpcPorts: { products: 0, inventory: 0 },
  }
  const { urls, apiKey, stop } = await startShopHere(settings, {
    log: createLog({ service: 'test', level: 'silent' }),
  })
  return { urls: { products: urls.gateway, inventory: urls.gateway }, apiKey, stop }
}

async function runProcesses(environment: Record<string, string>): Promise<Running> {
  const { urls, apiKey, end } = await startShop(environment)
  const stop = async () => {
    const code = await end('SIGTERM')
    if (code !== 0) throw new Error(`a service that was told to stop ended with ${code}`)
  }
  return { urls, apiKey, stop }
}
