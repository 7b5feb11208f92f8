import { type AddressInfo, createServer, type Socket } from 'node:net'

/** What a proxy may do to a request, besides handing it on. */
export const FAULTS = [
  /** The connection is closed and the server never hears of the request. */
  'dropped',
  /** The server has done the work, and then its answer takes long: sometimes longer than the client waits. */
  'delayed',
  /** The server gets it twice at the same moment. */
  'doubled',
  /** The server has done the work, and the connection is cut before its answer or in the middle of it. */
  'cut',
] as const

export type Fault = (typeof FAULTS)[number]

export type FaultProxy = Readonly<{ url: string; close: () => Promise<void> }>

/** How often each fault befell a request. */
export type FaultCounts = Record<Fault, number>

export const noFaults = (): FaultCounts => ({ dropped: 0, delayed: 0, doubled: 0, cut: 0 })

/**
 * A proxy of HTTP between a client and a server, in which each request meets one of the faults with a chance of
 * `share`, by the random numbers that are given. It speaks HTTP on bare sockets, so that what it cuts is cut.
 */
export async function openFaultProxy(options: {
  target: string
  share: number
  counts: FaultCounts
  random: () => number
  delaysMs: readonly number[]
}): Promise<FaultProxy> {
  const { target, share, counts, random, delaysMs } = options

  const answer = async (socket: Socket, request: Request) => {
    const fault = random() < share ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined
    const half = random() < 0.5
    const delayMs = delaysMs[Math.floor(random() * delaysMs.length)] ?? 0
    if (fault) counts[fault]++
    if (fault === 'dropped') return void socket.destroy()
    const sends = [forward(target, request)]
    if (fault === 'doubled') sends.push(forward(target, request))
    const answers = await Promise.all(sends)
    if (fault === 'delayed') await Bun.sleep(delayMs)
    const text = answers[half ? answers.length - 1 : 0]!
    if (fault !== 'cut') socket.write(text)
    else if (half) socket.destroy()
    // The head and the beginning of the body are on their way when the connection is cut.
    else socket.end(text.subarray(0, text.length - 20))
  }

  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const take = requestsIn()
    // One connection carries one request at a time, as HTTP/1.1 clients do.
    socket.on('data', (chunk: Buffer) => {
      for (const request of take(chunk)) answer(socket, request).catch(() => socket.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

type Request = Readonly<{ method: string; path: string; headers: Headers; body: Uint8Array<ArrayBuffer> }>

/** Collects the bytes of one connection and gives out each request once it is whole. */
function requestsIn(): (chunk: Buffer) => Request[] {
  let waiting: Buffer<ArrayBufferLike> = Buffer.alloc(0)
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk])
    const requests: Request[] = []
    for (;;) {
      const end = waiting.indexOf('\r\n\r\n')
      if (end < 0) return requests
      const [first = '', ...lines] = waiting.subarray(0, end).toString('latin1').split('\r\n')
      const headers = new Headers()
      for (const line of lines) {
        const [name = '', ...value] = line.split(':')
        if (!OF_THE_CONNECTION.includes(name.toLowerCase())) headers.append(name, value.join(':').trim())
      }
      const length = Number(/^content-length: *(\d+)/im.exec(lines.join('\n'))?.[1] ?? 0)
      const start = end + 4
      if (waiting.length < start + length) return requests
      const [method = '', path = ''] = first.split(' ')
      requests.push({ method, path, headers, body: new Uint8Array(waiting.subarray(start, start + length)) })
      waiting = waiting.subarray(start + length)
    }
  }
}

/** Sends a request to the server and brings its answer back as the bytes of HTTP/1.1. */
async function forward(target: string, { method, path, headers, body }: Request): Promise<Buffer> {
  const response = await fetch(target + path, { method, headers, ...(body.length === 0 ? {} : { body }) })
  const text = Buffer.from(await response.arrayBuffer())
  const lines = [...response.headers].filter(([name]) => !OF_THE_CONNECTION.includes(name))
  const isEmpty = response.status === 204 || response.status === 304
  const head = [
    `HTTP/1.1 ${response.status} ${response.statusText}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
    ...(isEmpty ? [] : [`content-length: ${text.length}`]),
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), text])
}

// They belong to one side of the proxy alone.
const OF_THE_CONNECTION = ['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding']
