import type { GrpcPeer } from '@abasto/chassis/grpc/client'
import { boundsOf, mapResult, pageMessage, versionMessage } from '@abasto/chassis/grpc/messages'
import { InventoryService } from '@abasto/proto/inventory/v1/inventory_service'
import type { StockLevel as StockLevelMessage } from '@abasto/proto/inventory/v1/stock_level'
import type { Inventory } from '../../inventory.ts'
import {
  changeMessage,
  keyMessage,
  levelAtOf,
  levelOf,
  settingsMessage,
  states,
  transferLineMessage,
  transferOf,
  verdictOf,
} from '../messages/levels.ts'
import { always, given } from '../messages/members.ts'
import { isOfNothing, nothing } from './lists.ts'

const rpc = InventoryService.method
const isWrite = { isWrite: true } as const

type Calls =
  | 'openLevel'
  | 'changeLevel'
  | 'changeLevels'
  | 'configureLevel'
  | 'transferStock'
  | 'getLevel'
  | 'getLevelAt'
  | 'listLevels'

/** What there is of each product in each warehouse. */
export const levelsOverGrpc = (peer: GrpcPeer): Pick<Inventory, Calls> => ({
  openLevel: async (context, { quantity, settings, ...key }) => {
    const message = { ...keyMessage(key), quantity: BigInt(quantity), settings: settingsMessage(settings ?? {}) }
    return mapResult(await peer.call(context, rpc.openLevel, message, isWrite), inside)
  },

  changeLevel: async (context, change) =>
    mapResult(await peer.call(context, rpc.changeLevel, { change: changeMessage(change) }, isWrite), inside),

  changeLevels: async (context, { lines }) => {
    const message = { lines: lines.map(changeMessage) }
    return mapResult(await peer.call(context, rpc.changeLevels, message, isWrite), ({ verdicts }) =>
      verdicts.map(verdictOf),
    )
  },

  configureLevel: async (context, { settings, expectedVersion, ...key }) => {
    const message = { ...keyMessage(key), settings: settingsMessage(settings), ...versionMessage(expectedVersion) }
    return mapResult(await peer.call(context, rpc.configureLevel, message, isWrite), inside)
  },

  transferStock: async (context, { lines, actor }) => {
    const message = { lines: lines.map(transferLineMessage), ...given({ actor }) }
    return mapResult(await peer.call(context, rpc.transferStock, message, isWrite), ({ transfer }) =>
      transferOf(always(transfer)),
    )
  },

  getLevel: async (context, key) => mapResult(await peer.call(context, rpc.getLevel, keyMessage(key)), inside),

  getLevelAt: async (context, { moment, ...key }) =>
    mapResult(await peer.call(context, rpc.getLevelAt, { ...keyMessage(key), moment }), ({ level }) =>
      levelAtOf(always(level)),
    ),

  listLevels: async (context, { filter, page }) => {
    if (isOfNothing(filter)) return nothing(page)
    const { productIds = [], warehouseIds = [], states: asked = [] } = filter
    const which = { productIds: [...productIds], warehouseIds: [...warehouseIds], states: asked.map(states.sent) }
    return mapResult(
      await peer.call(context, rpc.listLevels, { ...which, page: pageMessage(page) }),
      ({ levels, bounds }) => ({ items: levels.map(levelOf), ...boundsOf(bounds) }),
    )
  },
})

const inside = ({ level }: { level?: StockLevelMessage | undefined }) => levelOf(always(level))
