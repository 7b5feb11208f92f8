import { afterAll, expect, test } from 'bun:test'
import { SQL } from 'bun'
import { freshDatabase } from '../../packages/chassis/src/database/fresh-database.ts'
import { freePort } from '../../scripts/free-port.ts'
import { temporaryFolder } from '../running-shop.ts'
import { audit } from '../stock/audit.ts'
import { API_KEY, replicaOf, stocked } from '../stock/service.ts'
import { found, size } from '../stock/size.ts'
import { startBalancer } from './balancer.ts'
import { type Command, type Started, startCommand } from './command.ts'
import { visit } from './customers.ts'
import { until } from './until.ts'

const server = process.env.TEST_POSTGRES_URL
if (!server) console.log('Rolling restarts were not tested: TEST_POSTGRES_URL is not set.')
else if (!Bun.which('haproxy')) console.log('Rolling restarts were not tested: haproxy is not installed.')
else {
  const cleaning: (() => unknown)[] = []
  afterAll(async () => {
    for (const step of cleaning.splice(0).reverse()) await step()
  }, 60_000)

  test(
    'replicas are restarted one after the other under load, and every request is answered as it should be',
    async () => {
      const restarts = size({ usual: 2, full: 20 })
      const { url: database, products, inventory } = await openReplicas(server)
      const balancer = await startBalancer({
        products: [products[0].address, products[1].address],
        inventory: [inventory[0].address, inventory[1].address],
      })
      cleaning.push(balancer.stop)
      await until(async () => (await fetch(`${balancer.url}/health/ready`)).ok)
      const urls = { products: balancer.url, inventory: balancer.url }
      const shop = replicaOf({ urls, apiKey: API_KEY, end: async () => 0 })
      const plenty = await stocked(shop, 1_000_000)
      const scarce = await stocked(shop, size({ usual: 100, full: 3_000 }))

      let isDone = false
      const started = performance.now()
      const least = size({ usual: 2_000, full: 60_000 })
      const visiting = visit(balancer.url, { plenty, scarce, isOver: ({ total }) => isDone && total >= least })
      const codes: (number | null)[] = []
      for (let round = 0; round < restarts; round++) {
        for (const pair of [
          [products[0], inventory[0]],
          [products[1], inventory[1]],
        ] as const) {
          codes.push(...(await Promise.all(pair.map((replica) => replica.restart()))))
          // As whoever does this by hand would: a look at it before the next.
          await Bun.sleep(size({ usual: 3_000, full: 1_000 }))
        }
      }
      isDone = true
      const visits = await visiting
      const seconds = (performance.now() - started) / 1_000

      const answered = Object.values(visits.answered).reduce((sum, count) => sum + count, 0)
      found('rolling restarts of two replicas of each service behind HAProxy', {
        'rolling restarts': restarts,
        'processes restarted': codes.length,
        requests: visits.total,
        'requests a second': Math.round(visits.total / seconds),
        answers: visits.answered,
        'lost or wrong': visits.wrong.length,
      })
      expect(visits.wrong.slice(0, 10)).toEqual([])
      expect(answered).toBe(visits.total)
      expect(answered).toBeGreaterThanOrEqual(least)
      expect(codes).toEqual(Array.from({ length: restarts * 4 }, () => 0))
      expect(await purchasesIn(database)).toEqual([...visits.bought].toSorted())
      expect(await audit(database)).toEqual([])
    },
    size({ usual: 180_000, full: 900_000 }),
  )

  /** Two replicas of each service on one PostgreSQL; inventory knows both of products. */
  async function openReplicas(server: string) {
    const { url, drop } = await freshDatabase(server)
    const { folder, remove } = temporaryFolder()
    cleaning.push(remove, drop)
    const grpcPorts = [await freePort(), await freePort()]
    const redis = process.env.TEST_REDIS_URL
    const settings = {
      ABASTO_DATA: folder,
      ABASTO_API_KEY: API_KEY,
      PRODUCTS_DATABASE_URL: url,
      INVENTORY_DATABASE_URL: url,
      PRODUCTS_GRPC_URL: grpcPorts.map((port) => `127.0.0.1:${port}`).join(','),
      LOG_LEVEL: 'error',
      // Less than this has to be enough for a balancer that asks every 100 ms.
      DRAIN_MS: '1000',
      ...(redis ? { REDIS_URL: redis } : {}),
    }
    const pair = async (command: Command, changes: readonly [object, object]) => {
      const replicas = changes.map((change) => openReplica(command, { ...settings, ...change }))
      return (await Promise.all(replicas)) as [Replica, Replica]
    }
    const products = await pair('products', [
      { PRODUCTS_GRPC_PORT: String(grpcPorts[0]) },
      { PRODUCTS_GRPC_PORT: String(grpcPorts[1]) },
    ])
    return { url, products, inventory: await pair('inventory', [{}, {}]) }
  }

  type Replica = Awaited<ReturnType<typeof openReplica>>

  /** A replica that keeps its port when it is restarted. */
  async function openReplica(command: Command, settings: Readonly<Record<string, string>>) {
    const port = String(await freePort())
    const open = () => startCommand(command, { ...settings, [`${command.toUpperCase()}_PORT`]: port })
    let running: Started = await open()
    cleaning.push(() => running.end('SIGKILL'))
    return {
      address: `127.0.0.1:${port}`,
      /** Tells it to stop, starts it anew, and waits until it can work; says with which code it ended. */
      restart: async () => {
        const code = await running.end('SIGTERM')
        running = await open()
        await until(async () => (await fetch(`${running.url}/health/ready`)).ok)
        return code
      },
    }
  }
}

async function purchasesIn(url: string): Promise<string[]> {
  const sql = new SQL(url, { max: 1 })
  const rows: { id: string }[] = await sql`SELECT id::text FROM inventory.purchases`
  await sql.end()
  return rows.map(({ id }) => id).toSorted()
}
