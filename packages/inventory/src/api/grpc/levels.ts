import { boundsMessage, mapResult, pageOf, versionOf } from '@abasto/chassis/grpc/messages'
import { actCheck, commandCheck, momentRefusal, pageRefusal, versionRefusal } from '@abasto/chassis/grpc/validation'
import { stockLevelAdjust } from '@abasto/contract/stock-levels'
import { type Failure, invalid } from '@abasto/kernel'
import type { ConfigureLevelRequest, LevelChange, OpenLevelRequest } from '@abasto/proto/inventory/v1/stock_level'
import { MOST_ADJUSTMENTS } from '../../application/levels.ts'
import { keyOf } from '../../domain/command.ts'
import type { StockLevel } from '../../domain/stock-level.ts'
import { DEFAULT_WAREHOUSE } from '../../domain/warehouse.ts'
import type { Inventory } from '../../inventory.ts'
import { reasonOf } from '../messages/inventories.ts'
import { changeOf, levelAtMessage, levelMessage, settingsOf, states, verdictMessage } from '../messages/levels.ts'
import { always, given, numberOf } from '../messages/members.ts'
import { type Calls, operation, writeOf } from './operations.ts'
import { anyOf, filterRefusal, keyRefusal, linesRefusal, wordsRefusal } from './refusals.ts'

const quantityRefusal = commandCheck('inventory', 'create')
const settingsRefusal = commandCheck('stock-levels', 'update')
const changeRefusal = actCheck(stockLevelAdjust)

type Path = readonly (string | number)[]

type Names = 'openLevel' | 'changeLevel' | 'changeLevels' | 'configureLevel' | 'getLevel' | 'getLevelAt' | 'listLevels'

/** What there is of each product in each warehouse. */
export const levelCalls = (inventory: Inventory): Calls<Names> => ({
  openLevel: {
    operation: operation('createStockLevel'),
    command: opening,
    refusal: (message) =>
      keyRefusal(message) ??
      quantityRefusal(writeOf({ attributes: given({ quantity: numberOf(message.quantity) }) })) ??
      settingsRefusal(configuring(message)),
    handle: async (context, { productId, warehouseId, quantity, settings }) => {
      const input = { productId, warehouseId, quantity: Number(quantity ?? 0n), settings: settingsOf(settings) }
      return mapResult(await inventory.openLevel(context, input), inside)
    },
  },

  changeLevel: {
    operation: operation('adjustStockLevel'),
    command: ({ change }) => changing(always(change)),
    refusal: ({ change }) =>
      change ? refusalOf(change, []) : invalid('invalid_value', 'change is missing.', ['change']),
    handle: async (context, { change }) =>
      mapResult(await inventory.changeLevel(context, changeOf(always(change))), inside),
  },

  changeLevels: {
    operation: operation('adjustStockLevels'),
    command: ({ lines }) => writeOf({ attributes: { lines: lines.map(lineAttributes) } }),
    refusal: ({ lines }) => (lines.length <= MOST_ADJUSTMENTS ? linesRefusal(lines, refusalOf) : undefined),
    handle: async (context, { lines }) =>
      mapResult(await inventory.changeLevels(context, { lines: lines.map(changeOf) }), (results) => ({
        verdicts: results.map(verdictMessage),
      })),
  },

  configureLevel: {
    operation: operation('updateStockLevel'),
    command: configuring,
    refusal: (message) =>
      keyRefusal(message) ?? versionRefusal(message.expectedVersion) ?? settingsRefusal(configuring(message)),
    handle: async (context, message) => {
      const { productId, warehouseId } = message
      const input = { productId, warehouseId, settings: settingsOf(message.settings), ...versionOf(message) }
      return mapResult(await inventory.configureLevel(context, input), inside)
    },
  },

  getLevel: {
    operation: operation('getStockLevel'),
    refusal: keyRefusal,
    handle: async (context, { productId, warehouseId }) =>
      mapResult(await inventory.getLevel(context, { productId, warehouseId }), inside),
  },

  getLevelAt: {
    operation: operation('getStockLevel'),
    refusal: (message) => keyRefusal(message) ?? momentRefusal(message.moment, ['moment']),
    handle: async (context, { productId, warehouseId, moment }) =>
      mapResult(await inventory.getLevelAt(context, { productId, warehouseId, moment }), (level) => ({
        level: levelAtMessage(level),
      })),
  },

  listLevels: {
    operation: operation('listStockLevels'),
    refusal: (message) =>
      filterRefusal(message) ?? wordsRefusal(message.states, states, 'states') ?? pageRefusal(message.page),
    handle: async (context, { productIds, warehouseIds, states: sent, page }) => {
      const filter = given({
        productIds: anyOf(productIds),
        warehouseIds: anyOf(warehouseIds),
        states: anyOf(sent.map(states.known)),
      })
      return mapResult(await inventory.listLevels(context, { filter, page: pageOf(page) }), (page) => ({
        levels: page.items.map(levelMessage),
        bounds: boundsMessage(page),
      }))
    },
  },
})

const opening = ({ productId, warehouseId, quantity, settings }: OpenLevelRequest) =>
  writeOf({
    attributes: { ...given({ onHand: numberOf(quantity) }), ...settingsOf(settings) },
    product: productId,
    warehouse: warehouseId,
  })

const configuring = ({
  productId,
  warehouseId,
  settings,
  expectedVersion,
}: Pick<ConfigureLevelRequest, 'productId' | 'warehouseId' | 'settings' | 'expectedVersion'>) =>
  writeOf({ id: keyOf({ productId, warehouseId }), attributes: { ...settingsOf(settings) }, expectedVersion })

/** A change in the words of the public API, where the version that the caller saw stands in a header. */
function changing(change: LevelChange) {
  const { productId, warehouseId = DEFAULT_WAREHOUSE, expectedVersion } = change
  return writeOf({ id: keyOf({ productId, warehouseId }), attributes: changeAttributes(change), expectedVersion })
}

/** One of many changes in the words of the public API. */
const lineAttributes = (line: LevelChange) => ({
  productId: line.productId,
  ...given({ warehouseId: line.warehouseId, expectedVersion: numberOf(line.expectedVersion) }),
  ...changeAttributes(line),
})

function changeAttributes({ change, actor }: LevelChange) {
  if (change.case === 'count') {
    const { countedOnHand, expectedOnHand } = change.value
    return { countedOnHand: Number(countedOnHand), ...given({ expectedOnHand: numberOf(expectedOnHand), actor }) }
  }
  if (change.case === undefined) return given({ actor })
  const { quantityDelta, reason } = change.value
  return { quantityDelta: Number(quantityDelta), ...given({ reason: reasonOf(reason), actor }) }
}

function refusalOf(message: LevelChange, at: Path): Failure | undefined {
  const { productId, warehouseId = DEFAULT_WAREHOUSE, change, expectedVersion } = message
  const refusal = keyRefusal({ productId, warehouseId }) ?? versionRefusal(expectedVersion)
  if (refusal) return { ...refusal, at: [...at, ...(refusal.at ?? [])] }
  if (change.case === undefined)
    return invalid('invalid_value', 'A change is by a delta or to a count.', [...at, 'change'])
  if (change.case === 'delta' && reasonOf(change.value.reason) === undefined) {
    return invalid('invalid_value', 'reason is missing.', [...at, 'reason'])
  }
  return changeRefusal(changing(message), at)
}

const inside = (level: StockLevel) => ({ level: levelMessage(level) })
