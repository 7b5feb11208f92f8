import { freePort } from './free-port.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

export type RedisCluster = Readonly<{
  /** The addresses of all of them, with commas between. */
  url: string
  /** The primaries come first. Ending one is what a failure of that machine would be. */
  servers: readonly RedisServer[]
  stop: () => Promise<void>
}>

/** How soon the others take one for failed, and how long the cluster may take to come up, in milliseconds. */
const NODE_TIMEOUT_MS = 1_000
const PATIENCE_MS = 30_000

/** How often it is tried: it needs two ports for each server, and one that was free may be taken a moment later. */
const TRIES = 3

/** A Redis Cluster of its own for tests, on free ports of this machine, gone again when it is stopped. */
export async function startRedisCluster({ primaries = 3, replicas = 0 } = {}): Promise<RedisCluster> {
  for (let tries = 1; ; tries++) {
    try {
      return await tryToStart(primaries, replicas)
    } catch (error) {
      if (tries === TRIES) throw error
      console.error(`A Redis Cluster did not come up, and is tried again: ${error}`)
    }
  }
}

async function tryToStart(primaries: number, replicas: number): Promise<RedisCluster> {
  const servers: RedisServer[] = []
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  try {
    for (let count = 0; count < primaries + replicas; count++) servers.push(await startMember())
    const places = servers.map(({ port }) => `127.0.0.1:${port}`)
    const each = String(replicas / primaries)
    await cli(['--cluster', 'create', ...places, '--cluster-replicas', each, '--cluster-yes'])
    await untilWell(servers)
  } catch (error) {
    await stop()
    throw error
  }
  return { url: servers.map(({ url }) => url).join(','), servers, stop }
}

async function startMember(): Promise<RedisServer> {
  const bus = String(await freePort())
  const inCluster = ['--cluster-enabled', 'yes', '--cluster-port', bus]
  return startRedis({ more: [...inCluster, '--cluster-node-timeout', String(NODE_TIMEOUT_MS)] })
}

/** Waits until every server says that the cluster is well, and those that follow another have its data. */
async function untilWell(servers: readonly RedisServer[]): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS
  for (const { port } of servers) {
    for (;;) {
      const [info, replication] = await Promise.all([
        cli(['-p', String(port), 'CLUSTER', 'INFO']),
        cli(['-p', String(port), 'INFO', 'replication']),
      ])
      if (info.includes('cluster_state:ok') && !replication.includes('master_link_status:down')) break
      if (performance.now() > endMs) throw new Error(`The cluster did not come up within ${PATIENCE_MS} ms: ${info}`)
      await Bun.sleep(100)
    }
  }
}

async function cli(args: readonly string[]): Promise<string> {
  const program = Bun.which('redis-cli')
  if (!program) throw new Error('redis-cli is not installed: on Debian, apt-get install redis-tools')
  const child = Bun.spawn([program, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE_MS })
  const [said, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  if ((await child.exited) !== 0) throw new Error(`redis-cli ${args.join(' ')}: ${said}${errors}`)
  return said
}
