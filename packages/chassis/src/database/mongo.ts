import type { Trace } from '@abasto/kernel'
import {
  type ClientSession,
  type Db,
  type Document,
  MongoClient,
  MongoError,
  MongoNetworkError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoSystemError,
  MongoWriteConcernError,
} from 'mongodb'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { Contention, OutcomeUnknown, QUERY_TIMEOUT_MS } from './database.ts'
import { watching } from './measuring.ts'
import { databaseOf, MONGO_ADDRESS } from './mongo-address.ts'

/** One MongoDB database. Writes wait for a majority of the replica set, and only what a majority has is read. */
export type Mongo = Readonly<{
  db: Db
  /** Asks something of it, under a deadline: `signal` says when nobody waits for the answer any more. */
  ask: <T>(question: Question, ask: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** A session for transactions; ended by whoever asks for it. */
  session: () => ClientSession
  /** Throws `NoReplicaSet` unless transactions can be had and the stream can follow: unless it is one replica set. */
  expectReplicaSet: () => Promise<void>
  /** Whether somebody is there who takes writes. */
  isUp: (timeoutMs: number) => Promise<boolean>
  close: () => Promise<void>
}>

export type Question = Readonly<{
  /** What it does, in a word or three; one of few, for metrics and traces. */
  name: string
  timeoutMs?: number
  trace?: Trace | undefined
}>

export type MongoOptions = Readonly<{
  /** Its path names the database; without one it is called `abasto`. */
  url: string
  /** How many connections this process may hold to each node. */
  connections?: number
  /** What `currentOp` shows, and metrics. */
  name?: string
  /** After how long without a word a connection is given up; more than a statement may take. */
  silenceMs?: number
  telemetry?: Telemetry | undefined
}>

/** A MongoDB that cannot be worked with, because it is no replica set. Its message has no dot. */
export class NoReplicaSet extends Error {
  override readonly name = 'NoReplicaSet'
}

/** Throws `NoReplicaSet` unless a server that answers `hello` so is of a replica set, and is asked as one of it. */
export function expectOfReplicaSet({ setName, msg }: Document): void {
  // What stands before a sharded cluster. The stream cannot follow one: its cluster times are not unique.
  if (msg === 'isdbgrid') {
    throw new NoReplicaSet(
      'a sharded cluster of MongoDB, whose ledger could not be followed: give the address of one replica set, without ' +
        'a mongos before it',
    )
  }
  if (setName === undefined) {
    throw new NoReplicaSet(
      'a MongoDB on its own, without transactions: start it as a replica set, of which one node is enough',
    )
  }
}

/**
 * MongoDB through its own driver.
 *
 * Whatever is asked has a deadline of our own, like every statement of the SQL databases: past it the outcome is
 * unknown. What the driver itself waits for is bounded too, so that nothing which was given up goes on for long.
 */
export function connectMongo(options: MongoOptions): Mongo {
  const { url, connections = 10, name = 'abasto', silenceMs = QUERY_TIMEOUT_MS + 1_000, telemetry } = options
  const client = new MongoClient(url, {
    appName: name,
    maxPoolSize: connections,
    connectTimeoutMS: 2_000,
    serverSelectionTimeoutMS: QUERY_TIMEOUT_MS,
    waitQueueTimeoutMS: QUERY_TIMEOUT_MS,
    socketTimeoutMS: silenceMs,
    // How soon it is noticed that another node takes the writes now, or that one does not answer.
    heartbeatFrequencyMS: 1_000,
    writeConcern: { w: 'majority', wtimeoutMS: 10_000 },
    readConcern: { level: 'majority' },
    // By names of their own as well: those an address gives would count for more than the two above.
    journal: true,
    readConcernLevel: 'majority',
    readPreference: 'primary',
  })
  const db = client.db(databaseOf(url))
  const watch = watching({ telemetry, pool: name, connections, system: 'mongodb' })

  async function run<T>(ask: (signal: AbortSignal) => Promise<T>, timeoutMs: number): Promise<T> {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        stop.abort()
        reject(new OutcomeUnknown(`no answer within ${timeoutMs} ms`))
      }, timeoutMs)
    })
    try {
      return await Promise.race([ask(stop.signal), late])
    } catch (error) {
      throw classifyMongo(error)
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    db,
    ask: ({ name, timeoutMs = QUERY_TIMEOUT_MS, trace }, ask) => watch(name, trace, () => run(ask, timeoutMs)),
    session: () => client.startSession(),
    expectReplicaSet: async () => {
      expectOfReplicaSet(await run(() => db.command({ hello: 1 }), 2 * QUERY_TIMEOUT_MS))
    },
    isUp: (timeoutMs) =>
      run(() => db.command({ ping: 1 }), timeoutMs).then(
        () => true,
        () => false,
      ),
    close: () => client.close(),
  }
}

/** The same address with the name of another database in it. */
export const inDatabase = (url: string, name: string): string =>
  url.replace(MONGO_ADDRESS, `$1/${encodeURIComponent(name)}`)

// By the numbers of the server's list of error codes. LockTimeout, WriteConflict, SnapshotTooOld, SnapshotUnavailable,
// NoSuchTransaction, DuplicateKey.
const CONTENTION = new Set<unknown>([24, 112, 239, 246, 251, 11000])

// HostUnreachable, HostNotFound, MaxTimeMSExpired, WriteConcernFailed, NetworkTimeout, ShutdownInProgress,
// UnsatisfiableWriteConcern, ReadConcernMajorityNotAvailableYet, PrimarySteppedDown, ExceededTimeLimit,
// SocketException, NotWritablePrimary, InterruptedAtShutdown, Interrupted, InterruptedDueToReplStateChange,
// NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary.
const UNREACHABLE = new Set<unknown>([
  6, 7, 50, 64, 89, 91, 100, 134, 189, 262, 9001, 10107, 11600, 11601, 11602, 13435, 13436,
])

/** Sorts what the driver threw, as `classify` does for SQL: contention, an unknown outcome, or a bug. */
export function classifyMongo(error: unknown): unknown {
  if (!(error instanceof MongoError)) return isOfNames(error) ? new OutcomeUnknown(error.message, error) : error
  const { code, message } = error
  if (error.hasErrorLabel('UnknownTransactionCommitResult') || UNREACHABLE.has(code) || isOfConnection(error)) {
    return new OutcomeUnknown(strangerIn(error) ?? `${code ?? error.name}, ${message}`, error)
  }
  if (CONTENTION.has(code) || error.hasErrorLabel('TransientTransactionError')) {
    return new Contention(String(code), collectionIn(error), error)
  }
  return error
}

/** What a look-up of `mongodb+srv` throws that does not find the servers. */
const isOfNames = (error: unknown): error is Error =>
  error instanceof Error && /^query(Srv|Txt)/.test(String((error as { syscall?: unknown }).syscall))

/** The driver forgets servers that belong to another replica set than the one that is asked for, and says nothing of it. */
function strangerIn(error: MongoError): string | undefined {
  if (!(error instanceof MongoServerSelectionError)) return undefined
  const { setName, servers } = error.reason ?? {}
  return setName && servers?.size === 0 ? `no server there is of a replica set that is called "${setName}"` : undefined
}

/** What the driver throws where no node takes writes, a connection broke or the time was up. */
const isOfConnection = (error: MongoError): boolean =>
  error instanceof MongoNetworkError ||
  error instanceof MongoSystemError ||
  error instanceof MongoOperationTimeoutError ||
  error instanceof MongoWriteConcernError ||
  CONNECTION_ERRORS.has(error.name)

const CONNECTION_ERRORS = new Set([
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
  'MongoServerClosedError',
  'MongoClientClosedError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
])

/** The collection of a duplicate key; the server says it only in words. */
const collectionIn = (error: MongoError): string | undefined =>
  error instanceof MongoServerError ? /collection: [^.]+\.(\S+)/.exec(error.message)?.[1] : undefined
