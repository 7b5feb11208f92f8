import { connect, createServer, type Socket } from 'node:net'

/** What becomes of a connection when its client asks something. */
export type Fate = 'pass' | Cut

type Cut =
  /** The server never hears of it. */
  | 'cut before it was asked'
  /** The server has all of it, and its client is gone before there can be an answer. */
  | 'cut once it was asked'
  /** The server has done it, and said so to us: the client never hears of it. */
  | 'cut when it was done, before the answer'

export const CUTS: readonly Cut[] = [
  'cut before it was asked',
  'cut once it was asked',
  'cut when it was done, before the answer',
]

export type ProxyOptions = Readonly<{
  host?: string
  /** Decides about each piece that a client sends: what it asks, where it asks one thing at a time and not much. */
  fate?: (asked: Buffer) => Fate
}>

/** A cable between a client and a server of this machine that can be made to misbehave, while it is in use. */
export type TcpProxy = Readonly<{
  port: number
  /** Works as a cable should. What was held back by `hang` goes on its way. */
  pass: () => void
  /** Accepts connections and says nothing; those that exist fall silent, but stay. */
  hang: () => void
  /** Breaks every connection, and each new one as soon as it is made. */
  cut: () => void
  /** Hands on whatever arrives so much later, both ways. */
  slow: (ms: number) => void
  /** How often what was asked had each fate but to pass. */
  cuts: Readonly<Record<Cut, number>>
  /** How many connections are open at present. */
  connections: () => number
  close: () => Promise<void>
}>

/** Opens a proxy to a port of this machine, on a free port; it passes everything until it is told otherwise. */
export async function openProxy(
  targetPort: number,
  { host = '127.0.0.1', fate = () => 'pass' }: ProxyOptions = {},
): Promise<TcpProxy> {
  const clients = new Set<Socket>()
  /** Those to whom the next thing that the server says is not told. */
  const doomed = new Set<Socket>()
  const cuts = Object.fromEntries(CUTS.map((kind) => [kind, 0])) as Record<Cut, number>
  let delayMs = 0
  let isCut = false
  let release = () => {}
  let gate: Promise<void> | undefined

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isCut) return void client.destroy()
    const target = connect({ port: targetPort, host, allowHalfOpen: true })
    clients.add(client)
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      from.setNoDelay(true)
      carry(from, to, (chunk) =>
        from === client ? judge(client, target, chunk) : doomed.has(client) && silence(client),
      )
      from.on('error', () => to.destroy())
      from.on('close', () => {
        if (from.readableEnded && !from.errored) return
        to.destroy()
      })
    }
    client.on('close', () => {
      clients.delete(client)
      doomed.delete(client)
    })
  })

  /** Lets what a client asks have its fate; says whether it is not to be handed on any more. */
  function judge(client: Socket, target: Socket, asked: Buffer): boolean {
    const fated = fate(asked)
    if (fated === 'pass') return false
    if (fated === WHEN_DONE) {
      doomed.add(client)
      return false
    }
    cuts[fated]++
    if (fated === 'cut before it was asked') client.destroy()
    else target.write(asked, () => client.destroy())
    return true
  }

  /** It was said all the same, and only its client is cut off. */
  function silence(client: Socket): boolean {
    if (!client.destroyed) cuts[WHEN_DONE]++
    client.destroy()
    return true
  }

  /** Hands on what arrives, in its order, each piece when it is due. */
  function carry(from: Socket, to: Socket, isCutHere: (chunk: Buffer) => boolean): void {
    let last = Promise.resolve()
    const later = (deliver: () => void) => {
      const dueMs = performance.now() + delayMs
      last = last.then(async () => {
        while (gate) await gate
        const leftMs = dueMs - performance.now()
        if (leftMs > 0) await Bun.sleep(leftMs)
        if (!to.destroyed) deliver()
      })
    }
    from.on('data', (chunk: Buffer) => {
      if (!isCutHere(chunk)) later(() => to.write(chunk))
    })
    from.on('end', () => later(() => to.end()))
  }

  function open(): void {
    isCut = false
    delayMs = 0
    gate = undefined
    release()
  }

  function cut(): void {
    open()
    isCut = true
    for (const client of clients) client.destroy()
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  const { port } = server.address() as { port: number }
  return {
    port,
    pass: open,
    hang: () => {
      open()
      gate = new Promise((resolve) => {
        release = resolve
      })
    },
    cut,
    slow: (ms) => {
      open()
      delayMs = ms
    },
    cuts,
    connections: () => clients.size,
    close: () => {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const WHEN_DONE = 'cut when it was done, before the answer'
