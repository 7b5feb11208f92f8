import { serverEvents } from '../../sdk/src/server-events.ts'

/** What a reader knows of a level. */
export type Known = Readonly<{ sequence: number; onHand: number; reserved: number }>

/**
 * Somebody who follows the stock and believes nothing: every movement must be the next one of its level, and must come
 * to what it says that it comes to. Comes again with the last id whenever the line is cut.
 */
export type StreamReader = Readonly<{
  levels: ReadonlyMap<string, Known>
  /** Every movement that was told, in the order in which it was. */
  order: readonly string[]
  faults: readonly string[]
  counts: Readonly<{ snapshots: number; connections: number; movements: number }>
  lastId: () => string | undefined
  isReady: () => boolean
  /** Cuts the line, as if a cable had been pulled. */
  cut: () => void
  stop: () => Promise<void>
}>

export type ReaderOptions = Readonly<{
  /** Where the server is; asked for every connection. */
  url: () => string
  apiKey: string
  query?: string
  after?: string | undefined
}>

export function followStock({ url, apiKey, query = '', after }: ReaderOptions): StreamReader {
  const levels = new Map<string, Known>()
  const order: string[] = []
  const faults: string[] = []
  const counts = { snapshots: 0, connections: 0, movements: 0 }
  let lastId = after
  let isReady = false
  let isOver = false
  let line = new AbortController()

  function hear(name: string, data: Told): void {
    if (name === 'ready') isReady = true
    if (name === 'snapshot') {
      counts.snapshots++
      isReady = false
      levels.clear()
    }
    if (name !== 'level' && name !== 'movement') return
    const { stockLevelId: id, sequence, onHand, reserved, onHandChange, reservedChange } = data
    if (name === 'movement') {
      const known = levels.get(id) ?? (after === undefined ? NOTHING : undefined)
      counts.movements++
      order.push(`${id} ${sequence}`)
      if (known && sequence !== known.sequence + 1) faults.push(`${id}: ${sequence} came after ${known.sequence}`)
      if (known && (known.onHand + onHandChange !== onHand || known.reserved + reservedChange !== reserved))
        faults.push(`${id}: ${sequence} does not come to what it says`)
    }
    levels.set(id, { sequence, onHand, reserved })
  }

  async function listen(): Promise<void> {
    line = new AbortController()
    counts.connections++
    const headers: Record<string, string> = { 'X-API-Key': apiKey, Accept: 'text/event-stream' }
    if (lastId !== undefined) headers['Last-Event-ID'] = lastId
    const response = await fetch(`${url()}/api/v1/stock-events${query}`, { headers, signal: line.signal })
    if (response.status === 400) throw new Refused(await response.text())
    if (!response.ok || !response.body) return
    for await (const { id, name, data } of serverEvents(response.body, PATIENT)) {
      if (line.signal.aborted) return
      if (name !== undefined && data !== undefined) hear(name, JSON.parse(data))
      lastId = id ?? lastId
    }
  }

  const following = (async () => {
    while (!isOver) {
      await listen().catch((error) => {
        if (!(error instanceof Refused)) return
        isOver = true
        faults.push(error.message)
      })
      if (!isOver) await Bun.sleep(5 + 20 * Math.random())
    }
  })()

  return {
    levels,
    order,
    faults,
    counts,
    lastId: () => lastId,
    isReady: () => isReady,
    cut: () => line.abort(),
    stop: () => {
      isOver = true
      line.abort()
      return following
    },
  }
}

type Told = Known & Readonly<{ stockLevelId: string; onHandChange: number; reservedChange: number }>

/** However long the line is silent, it is not given up. */
const PATIENT = { waits: () => {}, heard: () => {} }

class Refused extends Error {}

const NOTHING: Known = { sequence: 0, onHand: 0, reserved: 0 }

/** Asks for the stream and then reads nothing of it, as a reader that hangs. Returns what ends it. */
export async function hangingReader(url: string, apiKey: string): Promise<() => void> {
  const { hostname, port } = new URL(url)
  const request = `GET /api/v1/stock-events HTTP/1.1\r\nHost: shop\r\nX-API-Key: ${apiKey}\r\n\r\n`
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: (opened) => {
        opened.write(request)
        opened.pause()
      },
      data: () => {},
    },
  })
  return () => socket.terminate()
}
