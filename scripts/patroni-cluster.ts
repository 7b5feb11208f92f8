import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { asPostgres, leashed } from './as-postgres.ts'
import { freePort } from './free-port.ts'
import { postgresPrograms } from './postgres-server.ts'

/** One of the two servers: its name is `node-0` or `node-1`. */
export type Node = 0 | 1

export type PatroniCluster = Readonly<{
  /** Leads to the primary, whichever that is, through HAProxy with the file of the project. */
  url: string
  /** Which of them takes writes, once one does. */
  primary: () => Promise<Node>
  /** Resolves once the other one has everything that is acknowledged, and would take over. */
  synchronous: () => Promise<void>
  /** SIGKILL, to Patroni and to every process of its PostgreSQL, as when a machine loses its power. */
  kill: (node: Node) => Promise<void>
  /** Starts what was killed; it follows the one that took over. */
  restart: (node: Node) => void
  stop: () => Promise<void>
}>

/** How long the cluster may take to get where it is wanted, in milliseconds. */
const PATIENCE_MS = 60_000

/** How soon a primary that says nothing more is taken to be gone, in seconds. */
const TTL = 5

const PROXY = join(import.meta.dir, '../deploy/haproxy/postgresql.cfg')

/**
 * A PostgreSQL of two servers for tests: Patroni with etcd, all on free ports of this machine and in a temporary folder,
 * replicated synchronously, so that what was acknowledged is on both.
 */
export async function startPatroni(): Promise<PatroniCluster> {
  for (const program of ['patroni', 'etcd', 'haproxy']) {
    if (!Bun.which(program))
      throw new Error(`${program} is not installed: on Debian, apt-get install patroni etcd-server haproxy`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'abasto-patroni-'))
  if (userInfo().uid === 0) chownSync(folder, idOf('-u'), idOf('-g'))
  const [etcd, peer, proxy, ...ports] = (await Promise.all(Array.from({ length: 7 }, freePort))) as Ports
  const places = [
    { postgres: ports[0], rest: ports[1], data: join(folder, 'data-0') },
    { postgres: ports[2], rest: ports[3], data: join(folder, 'data-1') },
  ] as const
  const run = (name: string, command: string[], env: Readonly<Record<string, string>> = {}) => {
    const log = Bun.file(join(folder, `${name}.log`))
    return Bun.spawn(command, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
    })
  }

  const store = run('etcd', asPostgres(etcdCommand(join(folder, 'etcd'), etcd, peer)))
  const start = (node: Node) => {
    const file = join(folder, `node-${node}.json`)
    writeFileSync(file, JSON.stringify(settingsOf(node, { ...places[node], etcd, folder })))
    return run(`node-${node}`, asPostgres(['patroni', file]))
  }
  const balancer = run('haproxy', leashed(['haproxy', '-q', '-db', '-f', PROXY]), {
    POSTGRES_ADDRESS: `127.0.0.1:${proxy}`,
    POSTGRES_1: `127.0.0.1:${places[0].postgres}`,
    POSTGRES_2: `127.0.0.1:${places[1].postgres}`,
    PATRONI_1: String(places[0].rest),
    PATRONI_2: String(places[1].rest),
  })
  const nodes = [start(0), undefined] as [Running | undefined, Running | undefined]

  const says = async (node: Node, path: string): Promise<boolean> =>
    fetch(`http://127.0.0.1:${places[node].rest}${path}`, { signal: AbortSignal.timeout(1_000) }).then(
      ({ ok }) => ok,
      () => false,
    )
  const whichSays = (path: string): Promise<Node> =>
    until(async () => {
      for (const node of [0, 1] as const) if (await says(node, path)) return node
      return undefined
    }, folder)

  const kill = async (node: Node) => {
    const patroni = nodes[node]
    nodes[node] = undefined
    patroni?.kill('SIGKILL')
    for (const pid of serverProcesses(places[node].data)) end(pid)
    await patroni?.exited
  }
  const cluster: PatroniCluster = {
    url: `postgres://postgres@127.0.0.1:${proxy}/postgres`,
    primary: () => whichSays('/primary'),
    synchronous: async () => void (await whichSays('/synchronous')),
    kill,
    restart: (node) => {
      if (!nodes[node]) nodes[node] = start(node)
    },
    stop: async () => {
      await Promise.all([kill(0), kill(1)])
      for (const each of [store, balancer]) {
        each.kill('SIGKILL')
        await each.exited
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    await cluster.primary()
    cluster.restart(1)
    await cluster.synchronous()
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

type Running = ReturnType<typeof Bun.spawn>
type Ports = [number, number, number, number, number, number, number]
type Place = Readonly<{ postgres: number; rest: number; data: string; etcd: number; folder: string }>

const etcdCommand = (data: string, port: number, peer: number): string[] => {
  const [own, other] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peer}`]
  return [
    ...['etcd', '--name', 'etcd', '--data-dir', data, '--initial-cluster', `etcd=${other}`],
    ...['--listen-client-urls', own, '--advertise-client-urls', own],
    ...['--listen-peer-urls', other, '--initial-advertise-peer-urls', other],
  ]
}

// YAML is what Patroni reads, and every JSON document is one.
function settingsOf(node: Node, { postgres, rest, data, etcd, folder }: Place): object {
  const sockets = join(folder, `sockets-${node}`)
  if (!existsSync(sockets)) mkdirSync(sockets)
  if (userInfo().uid === 0) chownSync(sockets, idOf('-u'), idOf('-g'))
  return {
    scope: 'abasto',
    name: `node-${node}`,
    restapi: { listen: `127.0.0.1:${rest}`, connect_address: `127.0.0.1:${rest}` },
    etcd3: { hosts: `127.0.0.1:${etcd}` },
    bootstrap: {
      dcs: {
        ttl: TTL,
        loop_wait: 1,
        retry_timeout: 2,
        synchronous_mode: true,
        postgresql: { use_pg_rewind: true, parameters: { max_connections: 300 } },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C' }, { auth: 'trust' }],
    },
    postgresql: {
      listen: `127.0.0.1:${postgres}`,
      connect_address: `127.0.0.1:${postgres}`,
      data_dir: data,
      bin_dir: postgresPrograms(),
      pgpass: join(folder, `pgpass-${node}`),
      authentication: { superuser: { username: 'postgres' }, replication: { username: 'replicator' } },
      parameters: { unix_socket_directories: sockets },
      pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
      basebackup: { checkpoint: 'fast' },
    },
  }
}

/** The server of a folder and all that it has started, the server first: nothing of it may go on. */
function serverProcesses(data: string): number[] {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return []
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  const children = `/proc/${pid}/task/${pid}/children`
  if (!existsSync(children)) return []
  return [pid, ...readFileSync(children, 'utf8').split(' ').filter(Boolean).map(Number)]
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

async function until<T>(look: () => Promise<T | undefined>, folder: string): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const found = await look()
    if (found !== undefined) return found
    await Bun.sleep(100)
  }
  const said = ['etcd', 'node-0', 'node-1'].map((name) => lastWords(join(folder, `${name}.log`)))
  throw new Error(`the cluster did not come to be as it should: ${said.join('\n')}`)
}

const lastWords = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8').slice(-2_000) : '')

const idOf = (flag: '-u' | '-g'): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
