import { join } from 'node:path'
import { connectGrpc } from '@abasto/chassis/grpc/client'
import { productsClient } from '@abasto/inventory/infrastructure/products-client'
import type { Context, Uuid } from '@abasto/kernel'
import { productsOverGrpc } from '@abasto/products/api/grpc-client'
import { callAgainAndAgain, sampleOf } from './callers.ts'
import type { Contestant } from './contestant.ts'
import { end, firstLine, start } from './processes.ts'
import type { Scene } from './scene.ts'

/** A server of look-ups in a process of its own; see `look-up-server.ts`. */
export type LookUpServer = Readonly<{
  grpc: string
  /** Where its own HTTP API answers with a product, and a bare route with its price, the id behind. */
  api: string
  bare: string
  ids: readonly Uuid[]
  stop: () => Promise<void>
}>

/** How many ask at a time, each again as soon as it has its answer. */
const CALLERS = 32

const API_KEY = 'bench-of-look-ups'

export async function openLookUpServer({ products }: Scene): Promise<LookUpServer> {
  const server = start([process.execPath, join(import.meta.dir, 'look-up-server.ts'), API_KEY, String(products)])
  const addresses = JSON.parse(await firstLine(server.stdout as ReadableStream<Uint8Array>))
  return { ...addresses, stop: () => end(server) }
}

/** Look-ups of one price each, as the inventory service asks: together where they come together, over gRPC. */
export async function openGrpcLookUps(scene: Scene): Promise<Contestant> {
  const { grpc, ids, stop } = await scene.lookUpServer()
  const peer = connectGrpc({ name: 'products', addresses: grpc })
  const products = productsClient(productsOverGrpc(peer))
  const contestant = askedBy(ids, async (id) => {
    const found = await products.priceProducts(contextOf(), [id])
    if (!found.ok) throw new Error(found.error.message)
    return found.value.get(id)?.id
  })
  return {
    ...contestant,
    close: async () => {
      await peer.close()
      await stop()
    },
  }
}

/** The rivals: a request of HTTP with an answer in JSON for each look-up, over kept connections. */
export async function openJsonLookUps(scene: Scene, road: 'api' | 'bare'): Promise<Contestant> {
  const server = await scene.lookUpServer()
  return askedBy(server.ids, async (id) => {
    const response = await fetch(`${server[road]}/${id}`, {
      headers: { 'X-API-Key': API_KEY, 'X-Request-ID': crypto.randomUUID() },
    })
    if (response.status !== 200) throw new Error(`The look-up was answered ${response.status}.`)
    const answer = (await response.json()) as { id?: Uuid; data?: { id: Uuid } }
    return answer.data?.id ?? answer.id
  })
}

function askedBy(ids: readonly Uuid[], ask: (id: Uuid) => Promise<Uuid | undefined>): Contestant {
  const lookUp = async () => {
    const id = ids[Math.floor(Math.random() * ids.length)]!
    if ((await ask(id)) !== id) throw new Error('The look-up found something else.')
  }
  return {
    sample: async (seconds) => sampleOf(await callAgainAndAgain(lookUp, { seconds, callers: CALLERS })),
    close: async () => {},
  }
}

const contextOf = (): Context => ({
  requestId: Bun.randomUUIDv7(),
  caller: { id: 'owner', permissions: ['*'] },
  credential: API_KEY,
  deadlineMs: Date.now() + 5_000,
  operationId: '',
  fingerprint: '',
})
