import { join } from 'node:path'
import { freshEmbedded } from '../../packages/chassis/src/database/fresh-embedded.ts'
import { migrate, readMigrations } from '../../packages/chassis/src/database/migrations.ts'
import { connectGrpc } from '../../packages/chassis/src/grpc/client.ts'
import { inventoryOverGrpc } from '../../packages/inventory/src/api/grpc-client.ts'
import { postgresStock } from '../../packages/inventory/src/infrastructure/postgres.ts'
import type { Inventory } from '../../packages/inventory/src/inventory.ts'
import { inventorySurface } from '../../packages/inventory/src/surface-suite.ts'
import { productsOverRest } from '../../packages/products/src/api/rest-client.ts'
import { productsSurface } from '../../packages/products/src/surface-suite.ts'
import { Abasto } from '../../sdk/src/abasto.ts'
import {
  API_KEY,
  asked,
  connectProducts,
  inventoryWith,
  listenHttp,
  memoryInventory,
  memoryProducts,
  serveInventory,
  serveProducts,
} from './services.ts'

productsSurface('directly', async () => ({ products: memoryProducts(), asked, close: async () => {} }))

productsSurface('over gRPC', async () => {
  const listener = await serveProducts(memoryProducts())
  const { peer, products } = connectProducts(listener.url)
  const close = async () => {
    peer.close()
    await listener.stop()
  }
  return { products, asked, close }
})

productsSurface(
  'over REST',
  async () => {
    const listener = listenHttp({ products: memoryProducts() })
    const products = productsOverRest(new Abasto({ apiKey: API_KEY, baseUrl: listener.url }))
    return { products, asked, close: listener.stop }
  },
  { showsVersions: false },
)

inventorySurface('directly', async () => {
  const products = memoryProducts()
  return { inventory: memoryInventory(products), products, asked, close: async () => {} }
})

inventorySurface('over gRPC', async () => {
  const products = memoryProducts()
  return { products, asked, ...(await overGrpc(memoryInventory(products))) }
})

inventorySurface('over gRPC, and kept in the embedded database', async () => {
  const products = memoryProducts()
  const database = await freshEmbedded()
  await migrate(database, 'inventory', readMigrations(join(import.meta.dir, '../../packages/inventory/migrations')))
  const { inventory, close } = await overGrpc(inventoryWith(postgresStock(database), products))
  return { inventory, products, asked, close: () => close().then(database.close) }
})

async function overGrpc(served: Inventory) {
  const listener = await serveInventory(served)
  const peer = connectGrpc({ addresses: listener.url, name: 'inventory' })
  const close = async () => {
    peer.close()
    await listener.stop()
  }
  return { inventory: inventoryOverGrpc(peer), close }
}
