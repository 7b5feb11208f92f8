import { createTelemetry } from '../../packages/chassis/src/telemetry/process-telemetry.ts'
import { openStockCore } from '../../packages/inventory/src/stock-core.ts'
import { openStockStore } from '../../packages/inventory/src/stock-store.ts'
import { inventoryWith, listenFor, silentLog } from './inventory-service.ts'
import { API_KEY, type Replica, replicaOf } from './service.ts'

/** An inventory service as it is, on any store, in which every product there is costs 12.50 EUR. */
export async function openShopOn(url: string): Promise<Replica> {
  await using opening = new AsyncDisposableStack()
  const telemetry = createTelemetry({ service: 'inventory' })
  opening.defer(telemetry.stop)
  const options = { data: '/nowhere', connections: 6, setting: 'the address', telemetry }
  const store = await openStockStore({ url, ...options })
  opening.defer(store.close)
  const { stock, commit, stream, close } = openStockCore(store, { log: silentLog, telemetry })
  opening.defer(close)
  const listener = listenFor(inventoryWith(stock, commit), { stream, telemetry })
  opening.defer(() => listener.stop())
  opening.defer(stream.stop)
  const open = opening.move()
  const end = async () => {
    await open.disposeAsync()
    return 0
  }
  return replicaOf({ urls: { products: listener.url, inventory: listener.url }, apiKey: API_KEY, end })
}
