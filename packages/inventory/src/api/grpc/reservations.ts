import { boundsMessage, mapResult, pageOf } from '@abasto/chassis/grpc/messages'
import { actCheck, commandCheck, idRefusal, pageRefusal } from '@abasto/chassis/grpc/validation'
import { reservationCommit } from '@abasto/contract/reservations'
import { invalid } from '@abasto/kernel'
import type {
  CommitReservationRequest,
  ReleaseReservationRequest,
  ReserveStockRequest,
} from '@abasto/proto/inventory/v1/reservation'
import type { Reservation } from '../../domain/reservation.ts'
import type { Inventory } from '../../inventory.ts'
import { given, numberOf } from '../messages/members.ts'
import { backorderMessage, lineToReserveOf, onlyOf, reservationMessage, statuses } from '../messages/reservations.ts'
import { type Calls, operation, writeOf } from './operations.ts'
import { anyOf, filterRefusal, isLineCount, wordsRefusal } from './refusals.ts'

const drafting = commandCheck('reservations', 'create')
const naming = actCheck(reservationCommit)

type Names =
  | 'reserveStock'
  | 'commitReservation'
  | 'releaseReservation'
  | 'extendReservation'
  | 'getReservation'
  | 'listReservations'
  | 'listBackorders'

/** What is promised. */
export const reservationCalls = (inventory: Inventory): Calls<Names> => ({
  reserveStock: {
    operation: operation('createReservation'),
    command: ({ id, ttlSeconds, ...message }) =>
      writeOf({ id, attributes: { ...wanted(message), ...given({ ttlSeconds: numberOf(ttlSeconds) }) } }),
    refusal: (message) =>
      (message.id === undefined ? undefined : idRefusal(message.id, ['id'])) ?? draftRefusal(message),
    handle: async (context, { id, ttlSeconds, ...message }) => {
      const input = { ...wanted(message), ...given({ id, ttlSeconds: numberOf(ttlSeconds) }) }
      return mapResult(await inventory.reserveStock(context, input), inside)
    },
  },

  commitReservation: {
    operation: operation('commitReservation'),
    command: some,
    refusal: someRefusal,
    handle: async (context, { id, only }) =>
      mapResult(await inventory.commitReservation(context, { id, ...onlyOf(only) }), inside),
  },

  releaseReservation: {
    operation: operation('releaseReservation'),
    command: some,
    refusal: someRefusal,
    handle: async (context, { id, only }) =>
      mapResult(await inventory.releaseReservation(context, { id, ...onlyOf(only) }), inside),
  },

  extendReservation: {
    operation: operation('extendReservation'),
    command: ({ id, ttlSeconds }) => writeOf({ id, attributes: given({ ttlSeconds: numberOf(ttlSeconds) }) }),
    refusal: ({ id }) => idRefusal(id, ['id']),
    handle: async (context, { id, ttlSeconds }) =>
      mapResult(
        await inventory.extendReservation(context, { id, ...given({ ttlSeconds: numberOf(ttlSeconds) }) }),
        inside,
      ),
  },

  getReservation: {
    operation: operation('getReservation'),
    refusal: ({ id }) => idRefusal(id, ['id']),
    handle: async (context, { id }) => mapResult(await inventory.getReservation(context, id), inside),
  },

  listReservations: {
    operation: operation('listReservations'),
    refusal: (message) =>
      wordsRefusal(message.statuses, statuses, 'statuses') ??
      (message.references.length > MOST_REFERENCES ? tooManyReferences : undefined) ??
      pageRefusal(message.page),
    handle: async (context, { statuses: sent, references, page }) => {
      const filter = given({ statuses: anyOf(sent.map(statuses.known)), references: anyOf(references) })
      return mapResult(await inventory.listReservations(context, { filter, page: pageOf(page) }), (page) => ({
        reservations: page.items.map(reservationMessage),
        bounds: boundsMessage(page),
      }))
    },
  },

  listBackorders: {
    operation: operation('listBackorders'),
    refusal: (message) => filterRefusal(message) ?? pageRefusal(message.page),
    handle: async (context, { productIds, warehouseIds, page }) => {
      const filter = given({ productIds: anyOf(productIds), warehouseIds: anyOf(warehouseIds) })
      return mapResult(await inventory.listBackorders(context, { filter, page: pageOf(page) }), (page) => ({
        backorders: page.items.map(backorderMessage),
        bounds: boundsMessage(page),
      }))
    },
  },
})

/** How many references one call may name. */
const MOST_REFERENCES = 100

const tooManyReferences = invalid('invalid_value', `At most ${MOST_REFERENCES} references are asked for.`, [
  'references',
])

const wanted = ({ lines, reference }: Pick<ReserveStockRequest, 'lines' | 'reference'>) => ({
  lines: lines.map(lineToReserveOf),
  ...given({ reference }),
})

/** What is not allowed about what is to be held; for how long it may be is a rule of the use case. */
const draftRefusal = (message: ReserveStockRequest) =>
  isLineCount(message.lines) ? drafting(writeOf({ attributes: wanted(message) })) : undefined

/** Some lines of a reservation in the words of the public API, or all of them. */
const some = ({ id, only }: CommitReservationRequest | ReleaseReservationRequest) =>
  writeOf({ id, attributes: onlyOf(only) })

function someRefusal(message: CommitReservationRequest | ReleaseReservationRequest) {
  const { id, only } = message
  const refusal = idRefusal(id, ['id'])
  return refusal ?? (only && isLineCount(only.lines) ? naming(some(message)) : undefined)
}

const inside = (reservation: Reservation) => ({ reservation: reservationMessage(reservation) })
