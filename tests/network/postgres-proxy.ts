import { connect, createServer, type Socket } from 'node:net'

/** What becomes of one thing that a client asks of PostgreSQL, and of its connection. */
export type Fate =
  /** It is asked and answered. */
  | 'pass'
  /** The server never hears of it. */
  | 'cut before it was asked'
  /** The server hears the first half. */
  | 'cut while it was asked'
  /** The server has all of it, COMMIT included, and its client is gone before there can be an answer. */
  | 'cut once it was asked'
  /** The server has done it, and said so to us: the client never hears of it. */
  | 'cut when it was done, before the answer'
  /** The client hears the first bytes of the answer. */
  | 'cut while it was answered'

export const CUTS: readonly Exclude<Fate, 'pass'>[] = [
  'cut before it was asked',
  'cut while it was asked',
  'cut once it was asked',
  'cut when it was done, before the answer',
  'cut while it was answered',
]

/** A cable to a PostgreSQL server that knows what it carries, so that it can be cut at the worst of moments. */
export type PostgresProxy = Readonly<{
  port: number
  /** How often each fate befell a statement that writes. A cut that came too late for what it is called is not counted. */
  writes: Readonly<Record<Fate, number>>
  /** The same for everything else. */
  reads: Readonly<Record<Fate, number>>
  close: () => Promise<void>
}>

export type PostgresProxyOptions = Readonly<{
  /** Decides about each statement, when it has been sent completely and nothing of its end has been handed on. */
  fate: (isWrite: boolean) => Fate
}>

type Carried = { readonly isWrite: boolean; readonly fate: Fate; hasFailed: boolean }

/**
 * Opens a proxy to the PostgreSQL server on a port of this machine. It understands the frames of the extended protocol
 * and no more: a statement ends with Sync (or is one Query), at which the server commits it and then says ReadyForQuery.
 */
export async function openPostgresProxy(targetPort: number, { fate }: PostgresProxyOptions): Promise<PostgresProxy> {
  const writes = noFates()
  const reads = noFates()
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1' })
    clients.add(client)
    carry(client, target, fate, ({ isWrite, fate: befallen }) => {
      const fates = isWrite ? writes : reads
      fates[befallen]++
    })
    client.on('close', () => clients.delete(client))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    writes,
    reads,
    close: () => {
      for (const client of clients) client.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const noFates = (): Record<Fate, number> =>
  Object.fromEntries(['pass', ...CUTS].map((fate) => [fate, 0])) as Record<Fate, number>

/** Carries one connection to its end. */
function carry(client: Socket, target: Socket, fateOf: (isWrite: boolean) => Fate, tell: (carried: Carried) => void) {
  const asked: Carried[] = []
  /** The prepared statements of this connection that write, by name. */
  const writing = new Map<string, boolean>()
  const fromClient = frames({ isStartup: true })
  const fromServer = frames({ isStartup: false })
  let pending: Buffer[] = []
  let isWrite = false
  let isCut = false

  for (const socket of [client, target]) socket.setNoDelay(true)
  const end = () => {
    isCut = true
    client.destroy()
    target.destroy()
  }
  for (const socket of [client, target]) socket.on('error', end).on('close', end)

  const handOn = () => {
    if (pending.length > 0) target.write(Buffer.concat(pending))
    pending = []
  }

  client.on('data', (bytes) => {
    for (const frame of fromClient(bytes as Buffer)) {
      if (isCut) return
      pending.push(frame.bytes)
      const { type, bytes } = frame
      if (type === 'P') writing.set(nameIn(bytes, 5), isWriting(bytes))
      if (type === 'B') isWrite = writing.get(nameIn(bytes, 5 + nameIn(bytes, 5).length + 1)) ?? isWrite
      if (type === 'Q') isWrite = isWriting(bytes)
      if (type === 'S' || type === 'Q') ask()
      // Everything but the parts of a statement goes on at once: greetings, Flush, goodbyes.
      else if (!'PBDEC'.includes(type)) handOn()
    }
  })

  function ask(): void {
    const carried = { isWrite, fate: fateOf(isWrite), hasFailed: false }
    isWrite = false
    const bytes = Buffer.concat(pending)
    pending = []
    const { fate } = carried
    if (fate !== 'cut before it was asked' && fate !== 'cut while it was asked' && fate !== 'cut once it was asked') {
      asked.push(carried)
      target.write(bytes)
      return
    }
    tell(carried)
    isCut = true
    const part = {
      'cut before it was asked': 0,
      'cut while it was asked': bytes.length >> 1,
      'cut once it was asked': bytes.length,
    }
    // What was written still arrives; only then is the connection gone.
    target.end(bytes.subarray(0, part[fate]))
    client.destroy()
  }

  target.on('data', (bytes) => {
    for (const frame of fromServer(bytes as Buffer)) {
      if (isCut) return
      const carried = asked[0]
      if (carried && frame.type === 'E') carried.hasFailed = true
      const isDone = frame.type === 'Z'
      if (carried?.fate === 'cut while it was answered') {
        tell(carried)
        isCut = true
        client.end(frame.bytes.subarray(0, 3))
        target.destroy()
        return
      }
      const isWithheld = carried?.fate === 'cut when it was done, before the answer'
      if (!isWithheld) client.write(frame.bytes)
      if (!carried || !isDone) continue
      asked.shift()
      // A statement that failed was not done, so losing the answer is another, lesser thing.
      tell(isWithheld && carried.hasFailed ? { ...carried, fate: 'cut once it was asked' } : carried)
      if (isWithheld) return end()
    }
  })
}

type Frame = Readonly<{ type: string; bytes: Buffer }>

/** Cuts a stream into the frames of the protocol; a client's first has no type. */
function frames({ isStartup }: { isStartup: boolean }): (bytes: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0)
  let isFirst = isStartup
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    const found: Frame[] = []
    for (;;) {
      const head = isFirst ? 0 : 1
      if (rest.length < head + 4) return found
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) return found
      found.push({ type: isFirst ? 'startup' : String.fromCharCode(rest[0]!), bytes: rest.subarray(0, length) })
      rest = rest.subarray(length)
      isFirst = false
    }
  }
}

const isWriting = (bytes: Buffer): boolean => /\bINSERT INTO\b/i.test(bytes.toString('latin1'))

/** The text that ends with a zero, from there on. */
const nameIn = (bytes: Buffer, from: number): string => bytes.toString('latin1', from, bytes.indexOf(0, from))
