import { connect, createServer, type Socket } from 'node:net'

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
  /**
   * Breaks one connection, any of them: at once, or in place of the next thing that the server says to its client, who
   * then never learns what came of what it asked. Resolves when that is done, with whether there was one.
   */
  cutOne: (when: Readonly<{ isAtAnswer: boolean }>) => Promise<boolean>
  /** How many connections are open at present. */
  connections: () => number
  close: () => Promise<void>
}>

/** Opens a proxy to a port of this machine, on a free port; it passes everything until it is told otherwise. */
export async function openProxy(targetPort: number, { host = '127.0.0.1' } = {}): Promise<TcpProxy> {
  const clients = new Set<Socket>()
  const doomed = new Map<Socket, (isCut: boolean) => void>()
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
      carry(from, to, () => {
        if (from !== target || !doomed.has(client)) return false
        // It was said all the same, and only its client is cut off.
        client.destroy()
        doomed.get(client)!(true)
        return true
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        if (from.readableEnded && !from.errored) return
        to.destroy()
      })
    }
    client.on('close', () => {
      clients.delete(client)
      doomed.get(client)?.(false)
      doomed.delete(client)
    })
  })

  /** Hands on what arrives, in its order, each piece when it is due. */
  function carry(from: Socket, to: Socket, isCutHere: () => boolean): void {
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
    from.on('data', (chunk) => {
      if (!isCutHere()) later(() => to.write(chunk))
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

  async function cutOne({ isAtAnswer }: Readonly<{ isAtAnswer: boolean }>): Promise<boolean> {
    const open = [...clients].filter((client) => !doomed.has(client))
    const client = open[Math.floor(Math.random() * open.length)]
    if (!client) return false
    if (isAtAnswer) return new Promise((resolve) => doomed.set(client, resolve))
    client.destroy()
    return true
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
    cutOne,
    connections: () => clients.size,
    close: () => {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
