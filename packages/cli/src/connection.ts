import { join } from 'node:path'
import { Abasto } from '@abasto/sdk'
import { Obstacle, UsageError } from './command.ts'
import { codeOf } from './shop.ts'

/** Half a million requests should survive that the server is started anew in the middle. */
const PATIENT = { timeoutMs: 60_000, maxRetries: 12 }

/** Whoever mistyped the address should not wait a minute to learn it. */
const IMPATIENT = { timeoutMs: 15_000, maxRetries: 2 }

/** A server and the key that opens it. */
export type Connection = Readonly<{ abasto: Abasto; server: string }>

/** Finds the server and the key by what was typed, and makes sure that both answer before any work begins. */
export async function connect(typed: { server?: string; 'api-key'?: string }): Promise<Connection> {
  const server = (typed.server ?? 'http://localhost:8080').replace(/\/+$/, '')
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw new UsageError(`--server takes an address such as http://localhost:8080, not "${typed.server}".`)
  }
  const apiKey = typed['api-key'] ?? process.env.ABASTO_API_KEY ?? (await keptKey())
  if (apiKey === '') throw new UsageError('The API key is empty.')
  await makeSureItAnswers(new Abasto({ apiKey, baseUrl: server, ...IMPATIENT }), server)
  return { abasto: new Abasto({ apiKey, baseUrl: server, ...PATIENT }), server }
}

/** The key that `bun run dev` made for its owner. */
async function keptKey(): Promise<string> {
  const path = join(process.env.ABASTO_DATA ?? '.abasto', 'api-key')
  const file = Bun.file(path)
  if (await file.exists()) return (await file.text()).trim()
  throw new Obstacle(
    `There is no API key: ${path} does not exist. Start the server with "bun run dev", or give --api-key.`,
  )
}

async function makeSureItAnswers(abasto: Abasto, server: string): Promise<void> {
  try {
    await abasto.products.list({ pageSize: 1 }).page()
  } catch (failure) {
    if (codeOf(failure) === 'unauthenticated') throw new Obstacle(`The server at ${server} does not know this API key.`)
    if (failure instanceof Error && isAnswer(failure)) throw failure
    throw new Obstacle(`Nothing answers at ${server}. Start the server with "bun run dev", or give --server.`)
  }
}

/** Whether a server answered at all, with whatever status. */
const isAnswer = (failure: Error) => 'status' in failure && typeof failure.status === 'number' && failure.status > 0
