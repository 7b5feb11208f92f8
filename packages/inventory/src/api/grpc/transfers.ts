import { mapResult } from '@abasto/chassis/grpc/messages'
import { commandCheck } from '@abasto/chassis/grpc/validation'
import type { TransferStockRequest } from '@abasto/proto/inventory/v1/stock_level'
import type { Inventory } from '../../inventory.ts'
import { transferLineOf, transferMessage } from '../messages/levels.ts'
import { given } from '../messages/members.ts'
import { type Calls, operation, writeOf } from './operations.ts'
import { isLineCount } from './refusals.ts'

const transferRefusal = commandCheck('transfers', 'create')

/** Stock that moves from warehouse to warehouse. */
export const transferCalls = (inventory: Inventory): Calls<'transferStock'> => ({
  transferStock: {
    operation: operation('transferStock'),
    command: transfer,
    refusal: (message) => (isLineCount(message.lines) ? transferRefusal(transfer(message)) : undefined),
    handle: async (context, { lines, actor }) =>
      mapResult(
        await inventory.transferStock(context, { lines: lines.map(transferLineOf), ...given({ actor }) }),
        (transfer) => ({ transfer: transferMessage(transfer) }),
      ),
  },
})

const transfer = ({ lines, actor }: TransferStockRequest) =>
  writeOf({ attributes: { lines: lines.map(transferLineOf), ...given({ actor }) } })
