import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { freePort } from './free-port.ts'
import { mongoProgram } from './mongo-program.ts'

export type MongoServer = Readonly<{
  /** Of the whole replica set. */
  url: string
  /** Of each node alone, for whoever wants to ask that one and no other. */
  urls: readonly string[]
  folder: string
  /** Of the nodes, in the same order; 0 for one that does not run. */
  pids: () => readonly number[]
  /** Which node takes writes at present; waits until there is one. */
  primary: () => Promise<number>
  /** Ends a node as a power cut would: with SIGKILL. */
  kill: (node: number) => Promise<void>
  /** Starts a node that was killed on what it has on disk; it joins the others by itself. */
  restart: (node: number) => Promise<void>
  stop: () => Promise<void>
}>

export type MongoOptions = Readonly<{
  nodes?: 1 | 3
  /** How soon the others elect a new primary once they hear nothing of the old one; as MongoDB has it unless it is given. */
  electionTimeoutMs?: number
  /** How much a node keeps in memory of its own, in GB; little by default, because several share a machine with tests. */
  cacheGb?: number
}>

/** How long a server may take to open, or a replica set to have a primary, in milliseconds. */
const PATIENCE_MS = 30_000

const REPLICA_SET = 'abasto'

/**
 * A MongoDB of its own for tests and benchmarks: a replica set on free ports of this machine, in a temporary folder,
 * with its default durability (journal on, majority writes wait for the disk), gone again when it is stopped.
 */
export async function startMongo(options: MongoOptions = {}): Promise<MongoServer> {
  const { nodes = 1, electionTimeoutMs = 10_000, cacheGb = 0.25 } = options
  const folder = mkdtempSync(join(tmpdir(), 'abasto-mongo-'))
  const running: MongoNode[] = []
  const stop = async () => {
    await Promise.all(running.map((node) => node.kill()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (let index = 0; index < nodes; index++) {
      running.push(await makeNode(join(folder, `${index}`), { replicaSet: REPLICA_SET, cacheGb }))
    }
    await Promise.all(running.map((node) => node.start()))
    await initiate(running, electionTimeoutMs)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: `mongodb://${running.map(({ port }) => `127.0.0.1:${port}`).join()}/?replicaSet=${REPLICA_SET}`,
    urls: running.map(({ url }) => url),
    folder,
    pids: () => running.map(({ pid }) => pid()),
    primary: () => primaryOf(running),
    kill: (node) => running[node]!.kill(),
    restart: (node) => running[node]!.start(),
    stop,
  }
}

/**
 * Makes one replica set of the nodes. The first of them is made to stand for election as soon as it can: it would wait
 * for the timeout otherwise, which is long, and a short one makes primaries of a busy machine step down again.
 */
async function initiate(nodes: readonly MongoNode[], electionTimeoutMillis: number): Promise<void> {
  const members = nodes.map(({ port }, _id) => ({ _id, host: `127.0.0.1:${port}` }))
  const config = { _id: REPLICA_SET, version: 1, members, settings: { electionTimeoutMillis } }
  await asking(nodes[0]!.url, async (client) => {
    const admin = client.db('admin')
    await admin.command({ replSetInitiate: config })
    for (const until = Date.now() + PATIENCE_MS; ; await Bun.sleep(50)) {
      const { isWritablePrimary } = await admin.command({ hello: 1 })
      if (isWritablePrimary) return
      if (Date.now() > until) throw new Error(`the replica set has no primary after ${PATIENCE_MS} ms`)
      // Refused while it has not yet read what it is part of.
      await admin.command({ replSetStepUp: 1 }).catch(() => {})
    }
  })
}

/** A MongoDB that belongs to no replica set, and so knows no transactions. */
export async function startStandaloneMongo(): Promise<Readonly<{ url: string; stop: () => Promise<void> }>> {
  const folder = mkdtempSync(join(tmpdir(), 'abasto-mongo-'))
  const node = await makeNode(join(folder, '0'))
  const stop = async () => {
    await node.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await node.start()
  } catch (error) {
    await stop()
    throw error
  }
  return { url: `mongodb://127.0.0.1:${node.port}/`, stop }
}

type MongoNode = Readonly<{
  port: number
  url: string
  pid: () => number
  start: () => Promise<void>
  kill: () => Promise<void>
}>

type NodeOptions = Readonly<{ replicaSet?: string; cacheGb?: number }>

async function makeNode(folder: string, { replicaSet, cacheGb = 0.25 }: NodeOptions = {}): Promise<MongoNode> {
  const program = mongoProgram()
  mkdirSync(folder)
  const port = await freePort()
  const log = `${folder}.log`
  const command = [
    ...endingWithThisProcess(),
    program,
    ...['--dbpath', folder, '--port', `${port}`, '--bind_ip', '127.0.0.1', '--nounixsocket'],
    ...['--logpath', log, '--logappend', '--quiet'],
    ...['--wiredTigerCacheSizeGB', `${cacheGb}`, '--oplogSize', '512'],
    ...['--enableFreeMonitoring', 'off', '--setParameter', 'diagnosticDataCollectionEnabled=false'],
    ...(replicaSet ? ['--replSet', replicaSet] : []),
  ]
  let running: ReturnType<typeof spawn> | undefined
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`

  async function start(): Promise<void> {
    const server = spawn(command)
    running = server
    const until = Date.now() + PATIENCE_MS
    while (!(await listens(port))) {
      if (server.exitCode !== null || Date.now() > until) {
        await kill()
        throw new Error(`mongod did not open on port ${port}: ${readFileSync(log, 'utf8').slice(-2_000)}`)
      }
      await Bun.sleep(25)
    }
  }

  async function kill(): Promise<void> {
    running?.kill('SIGKILL')
    await running?.exited
    running = undefined
  }

  return { port, url, pid: () => running?.pid ?? 0, start, kill }
}

const spawn = (command: string[]) => Bun.spawn(command, { stdio: ['ignore', 'ignore', 'ignore'] })

/** Where Linux has it, a server ends with whoever started it, however that ends. */
const endingWithThisProcess = (): string[] => (Bun.which('setpriv') ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [])

const listens = (port: number): Promise<boolean> =>
  Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } }).then(
    (socket) => {
      socket.end()
      return true
    },
    () => false,
  )

async function primaryOf(nodes: readonly MongoNode[]): Promise<number> {
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    const answers = await Promise.all(nodes.map(isPrimary))
    const found = answers.indexOf(true)
    if (found >= 0) return found
    if (Date.now() > until) throw new Error(`the replica set has no primary after ${PATIENCE_MS} ms`)
    await Bun.sleep(50)
  }
}

const isPrimary = ({ url, pid }: MongoNode): Promise<boolean> =>
  pid() === 0
    ? Promise.resolve(false)
    : asking(url, (client) => client.db('admin').command({ hello: 1 })).then(
        ({ isWritablePrimary }) => isWritablePrimary,
        () => false,
      )

async function asking<T>(url: string, ask: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 })
  try {
    return await ask(client)
  } finally {
    await client.close()
  }
}
