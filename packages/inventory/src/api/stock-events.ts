import { mapResult } from '@abasto/chassis/grpc/messages'
import type { EventText, StreamBindings } from '@abasto/chassis/http/streaming'
import type { StockEvent, StockStream } from '../application/stream.ts'
import { keyOf } from '../domain/command.ts'

/** How long a client should wait before it comes again, in milliseconds. */
const RETRY_MS = 1_000

/** The stock stream on HTTP, as Server-Sent Events; `docs/stream.md` says what it promises. */
export const stockEventBindings = (stream: StockStream): StreamBindings => ({
  watchStock: async ({ context, filters, lastEventId }) => {
    const filter = { productIds: filters.product, warehouseIds: filters.warehouse }
    const watching = await stream.watch(context, { filter, after: lastEventId })
    return mapResult(watching, ({ events, over, leave }): EventText => ({ parts: textOf(events), over, leave }))
  },
})

async function* textOf(events: AsyncGenerator<readonly StockEvent[]>): AsyncGenerator<string, void, undefined> {
  yield `retry: ${RETRY_MS}\n\n`
  for await (const part of events) {
    let text = ''
    for (const event of part) text += eventText(event)
    yield text
  }
}

// What happens is told to all readers in the same words, which are found once.
const texts = new WeakMap<StockEvent, string>()

function eventText(event: StockEvent): string {
  if (event.type === 'movement') {
    const known = texts.get(event)
    if (known !== undefined) return known
    const text = named('movement', movementData(event), event.cursor)
    texts.set(event, text)
    return text
  }
  if (event.type === 'level') return named('level', levelData(event))
  if (event.type === 'snapshot') return named('snapshot', {})
  if (event.type === 'ready') return named('ready', {}, event.cursor)
  // An event without data is no event to a client, which takes its id all the same; a comment is for proxies.
  return event.cursor === undefined ? ': silence\n\n' : `: silence\nid: ${event.cursor}\n\n`
}

const named = (name: string, data: object, cursor?: string): string =>
  `event: ${name}\n${cursor === undefined ? '' : `id: ${cursor}\n`}data: ${JSON.stringify(data)}\n\n`

function levelData({ level }: Extract<StockEvent, { type: 'level' }>) {
  const { productId, warehouseId, onHand, reserved, sequence } = level
  const available = onHand - reserved
  return { stockLevelId: keyOf(level), productId, warehouseId, sequence, onHand, reserved, available }
}

function movementData({ fed: { movement } }: Extract<StockEvent, { type: 'movement' }>) {
  const { productId, warehouseId, sequence, onHandAfter: onHand, reservedAfter: reserved, ...others } = movement
  const available = onHand - reserved
  return { stockLevelId: keyOf(movement), productId, warehouseId, sequence, onHand, reserved, available, ...others }
}
