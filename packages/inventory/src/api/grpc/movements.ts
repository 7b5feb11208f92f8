import { boundsMessage, mapResult, pageOf } from '@abasto/chassis/grpc/messages'
import { idRefusal, momentRefusal, pageRefusal } from '@abasto/chassis/grpc/validation'
import { type Failure, invalid, type Page, type PageRequest, type Uuid } from '@abasto/kernel'
import type { ListMovementsRequest } from '@abasto/proto/inventory/v1/inventory_service'
import type { Movement } from '../../domain/movement.ts'
import type { Inventory } from '../../inventory.ts'
import { kinds, movementMessage } from '../messages/inventories.ts'
import { given } from '../messages/members.ts'
import { type Calls, operation } from './operations.ts'
import { anyOf, filterRefusal, wordsRefusal } from './refusals.ts'

/** What happened to stock. */
export const movementCalls = (inventory: Inventory): Calls<'listMovements' | 'listInventoryMovements'> => ({
  listMovements: {
    operation: operation('listMovements'),
    refusal: (message) => (message.productId === '' ? filtersRefusal(message) : ofProductRefusal(message)),
    handle: async (context, { productId, productIds, warehouseIds, kinds: sent, from, until, page }) => {
      if (productId !== '') {
        const input = { productId, page: pageWithin(productId, pageOf(page)) }
        return mapResult(await inventory.listInventoryMovements(context, input), listed)
      }
      const filter = given({
        productIds: anyOf(productIds),
        warehouseIds: anyOf(warehouseIds),
        kinds: anyOf(sent.map(kinds.known)),
        from,
        until,
      })
      return mapResult(await inventory.listMovements(context, { filter, page: pageOf(page) }), listed)
    },
  },

  listInventoryMovements: {
    operation: operation('listInventoryMovements'),
    refusal: ({ productId, page }) => idRefusal(productId, ['productId']) ?? pageRefusal(page),
    handle: async (context, { productId, page }) =>
      mapResult(await inventory.listInventoryMovements(context, { productId, page: pageOf(page) }), listed),
  },
})

const listed = (page: Page<Movement>) => ({ movements: page.items.map(movementMessage), bounds: boundsMessage(page) })

const filtersRefusal = (message: ListMovementsRequest): Failure | undefined =>
  filterRefusal(message) ??
  wordsRefusal(message.kinds, kinds, 'kinds') ??
  (message.from === undefined ? undefined : momentRefusal(message.from, ['from'])) ??
  (message.until === undefined ? undefined : momentRefusal(message.until, ['until'])) ??
  pageRefusal(message.page)

/** The call as it was before there were filters. */
function ofProductRefusal({ productId, page, ...filters }: ListMovementsRequest): Failure | undefined {
  const { productIds, warehouseIds, kinds, from, until } = filters
  const isFiltered = productIds.length + warehouseIds.length + kinds.length > 0
  if (isFiltered || from !== undefined || until !== undefined) {
    return invalid('invalid_parameter', 'Either one product is named or filters are, not both.', ['productId'])
  }
  return idRefusal(productId, ['productId']) ?? pageRefusal(page)
}

/** Positions of the list of one product were `<warehouse id>.<sequence>`; who still sends such ones is understood. */
function pageWithin(productId: Uuid, { size, after, before }: PageRequest): PageRequest {
  const whole = (position: string | undefined) =>
    position?.split('.').length === 2 ? `${productId}.${position}` : position
  return { size, ...given({ after: whole(after), before: whole(before) }) }
}
