import { isMongo } from '@abasto/chassis/config'
import { runUntilTold } from '@abasto/chassis/process/running'
import { readSettings, type Settings } from './dev/settings.ts'
import { type Shop, startShop } from './dev/shop.ts'

/** `abasto dev`: the whole shop in this process, until it is told to stop. */
export const runDev = (): Promise<number> =>
  runUntilTold(async () => {
    const settings = readSettings(process.env)
    const shop = await startShop(settings)
    return { welcome: welcome(shop, settings), stop: shop.stop }
  })

function welcome({ urls, grpc, apiKey }: Shop, { data, databases, apiKey: isSet }: Settings): string {
  return `
Abasto is open at ${urls.gateway}
  API         ${urls.gateway}/api/v1   (products also at ${urls.products}, inventory at ${urls.inventory})
  Try it      ${urls.gateway}/docs     (the document: ${urls.gateway}/openapi.json)
  gRPC        ${Object.entries(grpc)
    .map(([name, address]) => `${name} at ${address}`)
    .join(', ')}
  API key     ${apiKey}   (${isSet ? 'from ABASTO_API_KEY' : `kept in ${data}/api-key`})
  Database    ${databasesOf(data, databases)}

Create a product (pasted twice, it is still one):

  curl -i ${urls.gateway}/api/v1/products \\
    -H 'X-API-Key: ${apiKey}' \\
    -H 'Content-Type: application/vnd.api+json' -H 'Idempotency-Key: my-first-product' \\
    -d '{"data":{"type":"products","attributes":{"sku":"LAMP-1","name":"Desk lamp","price":"12.50","currency":"EUR"}}}'

What to do next, in another terminal:
  bun run demo                  twenty products with stock to look at
  bun run abasto replay FILE    a real retailer's year (docs/replay.md says where to get it)
  rm -r ${data}                 begin anew, once this one is stopped (Ctrl-C)
`
}

/** Where the services keep what they know: in one place, or each in its own. */
function databasesOf(data: string, { products, inventory }: Settings['databases']): string {
  const placeOf = (url: string | undefined) => {
    if (url === undefined) return `embedded, in ${data}/database`
    return isMongo(url) ? 'MongoDB' : 'PostgreSQL'
  }
  const [own, ofStock] = [placeOf(products), placeOf(inventory)]
  return own === ofStock ? own : `products: ${own}; inventory: ${ofStock}`
}
