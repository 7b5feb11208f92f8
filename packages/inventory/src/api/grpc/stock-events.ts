import { mapResult } from '@abasto/chassis/grpc/messages'
import type { Streaming } from '@abasto/chassis/grpc/service'
import type { WatchStockResponseSchema } from '@abasto/proto/inventory/v1/stock_event'
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { StockEvent, StockStream } from '../../application/stream.ts'
import { movementMessage } from '../messages/inventories.ts'
import { type Calls, operation } from './operations.ts'
import { anyOf, filterRefusal } from './refusals.ts'

type Sent = MessageInitShape<typeof WatchStockResponseSchema>

/** The stock stream on gRPC. */
export const stockEventCalls = (stream: StockStream): Calls<'watchStock'> => ({
  watchStock: {
    operation: operation('watchStock'),
    refusal: filterRefusal,
    begin: async (context, { productIds, warehouseIds, cursor: after }) => {
      const filter = { productIds: anyOf(productIds), warehouseIds: anyOf(warehouseIds) }
      const watching = await stream.watch(context, { filter, after })
      return mapResult(watching, ({ events, ...ends }): Streaming<Sent> => ({ parts: messagesOf(events), ...ends }))
    },
  },
})

async function* messagesOf(events: AsyncGenerator<readonly StockEvent[]>): Streaming<Sent>['parts'] {
  for await (const part of events) yield part.map(messageOf)
}

function messageOf(event: StockEvent): Sent {
  switch (event.type) {
    case 'snapshot':
      return { event: { case: 'snapshot', value: {} } }
    case 'level': {
      const { productId, warehouseId, sequence, onHand, reserved } = event.level
      const amounts = { sequence: BigInt(sequence), onHand: BigInt(onHand), reserved: BigInt(reserved) }
      return { event: { case: 'level', value: { productId, warehouseId, ...amounts } } }
    }
    case 'ready':
      return { cursor: event.cursor, event: { case: 'ready', value: {} } }
    case 'movement':
      return { cursor: event.cursor, event: { case: 'movement', value: movementMessage(event.fed.movement) } }
    case 'silence':
      return { ...(event.cursor === undefined ? {} : { cursor: event.cursor }), event: { case: 'silence', value: {} } }
  }
}
