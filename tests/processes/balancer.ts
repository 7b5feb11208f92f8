import { join } from 'node:path'
import { freePort } from '../../scripts/free-port.ts'
import { LEASH } from './command.ts'

const FILE = join(import.meta.dir, '../../deploy/haproxy/haproxy.cfg')

/** Where two replicas of each service are, as `host:port`. */
export type Replicas = Readonly<{ products: readonly [string, string]; inventory: readonly [string, string] }>

/** HAProxy with the file of the project before two replicas of each service. */
export async function startBalancer({ products, inventory }: Replicas) {
  const address = `127.0.0.1:${await freePort()}`
  const child = Bun.spawn([...LEASH, 'haproxy', '-q', '-db', '-f', FILE], {
    env: {
      PATH: process.env.PATH ?? '',
      SHOP_ADDRESS: address,
      PRODUCTS_1: products[0],
      PRODUCTS_2: products[1],
      INVENTORY_1: inventory[0],
      INVENTORY_2: inventory[1],
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return {
    url: `http://${address}`,
    stop: async () => {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}
