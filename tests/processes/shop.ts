import { type Settings, type Signal, type Started, startCommand } from './command.ts'

/**
 * How the shops of the tests are made up: `one` process, or `split` into one for each service, which speak gRPC to each
 * other, or REST (`split-rest`). `TEST_SHOP` chooses.
 */
export const SHOP = shopOf(process.env.TEST_SHOP)

export const isSplit = SHOP !== 'one'

/** Where each service takes requests; one and the same address where there is one process. */
export type Addresses = Readonly<{ products: string; inventory: string }>

/** A running shop, whatever it is made of. */
export type Shop = Readonly<{
  urls: Addresses
  apiKey: string
  /** Sends all of it the signal, and says with which code it ended: the first that is not 0. */
  end: (signal: Signal) => Promise<number | null>
}>

/** Starts a shop as `TEST_SHOP` says. */
export const startShop = async (settings: Settings): Promise<Shop> => (await startShops(1, settings))[0]!

/**
 * Starts several shops on the same stores. Of a split one each service may ask any replica of another: over gRPC all
 * addresses are known to all.
 */
export async function startShops(count: number, settings: Settings): Promise<readonly Shop[]> {
  const places = Array.from({ length: count })
  if (!isSplit) {
    const all = await Promise.all(places.map(() => startCommand('dev', settings)))
    return all.map((one) => ({ urls: { products: one.url, inventory: one.url }, apiKey: one.apiKey, end: one.end }))
  }
  const products = await Promise.all(places.map(() => startCommand('products', settings)))
  const inventory = await Promise.all(
    products.map((peer) => startCommand('inventory', { ...settings, ...wayTo(peer, products) })),
  )
  return products.map((product, index) => pair(product, inventory[index]!))
}

/** Where an inventory service finds products: its own peer over REST, or all of them over gRPC. */
const wayTo = (peer: Started, all: readonly Started[]): Settings =>
  SHOP === 'split-rest'
    ? { PRODUCTS_URL: peer.url }
    : { PRODUCTS_GRPC_URL: all.map(({ grpc }) => grpc ?? '').join(',') }

const pair = (products: Started, inventory: Started): Shop => ({
  urls: { products: products.url, inventory: inventory.url },
  apiKey: inventory.apiKey,
  end: async (signal) => {
    const codes = await Promise.all([inventory, products].map((each) => each.end(signal)))
    return codes.find((code) => code !== 0) ?? 0
  },
})

/** The address of the service that answers a path of the API. */
export const addressFor = (path: string, { products, inventory }: Addresses): string =>
  /^(?:\/api\/v1)?\/products(?![^/?])/.test(path) ? products : inventory

/** The folders of the embedded databases of a shop whose data is in `folder`. */
export const embeddedFolders = (folder: string): readonly string[] =>
  isSplit ? [`${folder}/products/database`, `${folder}/inventory/database`] : [`${folder}/database`]

function shopOf(text: string | undefined): 'one' | 'split' | 'split-rest' {
  if (text === undefined || text === '' || text === 'one') return 'one'
  if (text === 'split' || text === 'split-rest') return text
  throw new Error(`TEST_SHOP is "${text}": it takes one, split or split-rest.`)
}
