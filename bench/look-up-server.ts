// A products service in memory that answers look-ups over gRPC and, for the rivals, over its own HTTP API and over a bare
// route of Elysia: the same surface behind all, so that only the wire differs. Prints the addresses and its products' ids.

import { serveGrpc } from '@abasto/chassis/grpc/server'
import { createHttpApp } from '@abasto/chassis/http/app'
import { listen } from '@abasto/chassis/http/listen'
import { apiKeyAuthentication } from '@abasto/chassis/identity'
import { createLog } from '@abasto/chassis/log'
import { contract } from '@abasto/contract/contract'
import type { Context } from '@abasto/kernel'
import { productsGrpc } from '@abasto/products/api/grpc'
import { productBindings } from '@abasto/products/api/http'
import { memoryCatalogue, noCache } from '@abasto/products/infrastructure/memory'
import { createProducts } from '@abasto/products/products'
import { Elysia } from 'elysia'

const apiKey = process.argv[2]!
const count = Number(process.argv[3])

const products = createProducts({
  catalogue: memoryCatalogue(),
  cache: noCache,
  newId: Bun.randomUUIDv7,
  announce: () => {},
})
const ids: string[] = []
for (let number = 0; number < count; number++) {
  const draft = { sku: `BENCH-${number}`, name: 'Desk lamp', price: '12.50', currency: 'EUR' }
  const created = await products.createProduct(contextOf(Bun.randomUUIDv7()), draft)
  if (created.ok) ids.push(created.value.id)
}

const authenticate = apiKeyAuthentication({ key: apiKey })
const log = createLog({ service: 'products', level: 'error' })
const grpc = await serveGrpc({
  services: [productsGrpc(products)],
  authenticate,
  log,
  host: '127.0.0.1',
  port: 0,
})
const api = listen(
  createHttpApp({ contract, services: ['products'], bindings: productBindings(products), authenticate, log }),
  { host: '127.0.0.1', port: 0 },
)
const bare = new Elysia()
  .get('/prices/:id', async ({ params: { id }, request: { headers } }) => {
    const caller = await authenticate(headers)
    if (!caller.ok) return new Response(null, { status: 401 })
    const found = await products.priceProducts(contextOf(headers.get('x-request-id') ?? ''), [id])
    return found.ok ? Response.json(found.value.get(id)) : new Response(null, { status: 503 })
  })
  .listen({ hostname: '127.0.0.1', port: 0 })
console.log(
  JSON.stringify({
    grpc: `127.0.0.1:${grpc.port}`,
    api: `${api.url}/api/v1/products`,
    bare: `http://127.0.0.1:${bare.server!.port}/prices`,
    ids,
  }),
)

function contextOf(requestId: string): Context {
  return {
    requestId,
    caller: { id: 'owner', permissions: ['*'] },
    deadlineMs: Date.now() + 5_000,
    operationId: Bun.randomUUIDv7(),
    fingerprint: '0'.repeat(32),
  }
}
