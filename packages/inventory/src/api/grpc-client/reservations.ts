import type { GrpcPeer } from '@abasto/chassis/grpc/client'
import { boundsOf, mapResult, pageMessage } from '@abasto/chassis/grpc/messages'
import { InventoryService } from '@abasto/proto/inventory/v1/inventory_service'
import type { Reservation as ReservationMessage } from '@abasto/proto/inventory/v1/reservation'
import type { Inventory } from '../../inventory.ts'
import { always, given, whole } from '../messages/members.ts'
import { backorderOf, lineToReserveMessage, onlyMessage, reservationOf, statuses } from '../messages/reservations.ts'
import { isOfNothing, nothing } from './lists.ts'

const rpc = InventoryService.method
const isWrite = { isWrite: true } as const

type Calls =
  | 'reserveStock'
  | 'commitReservation'
  | 'releaseReservation'
  | 'extendReservation'
  | 'getReservation'
  | 'listReservations'
  | 'listBackorders'

/** What is promised. */
export const reservationsOverGrpc = (peer: GrpcPeer): Pick<Inventory, Calls> => ({
  reserveStock: async (context, { lines, id, ttlSeconds, reference }) => {
    const named = given({ id, ttlSeconds: whole(ttlSeconds), reference: reference ?? undefined })
    const message = { lines: lines.map(lineToReserveMessage), ...named }
    return mapResult(await peer.call(context, rpc.reserveStock, message, isWrite), inside)
  },

  commitReservation: async (context, { id, lines }) =>
    mapResult(await peer.call(context, rpc.commitReservation, { id, ...onlyMessage(lines) }, isWrite), inside),

  releaseReservation: async (context, { id, lines }) =>
    mapResult(await peer.call(context, rpc.releaseReservation, { id, ...onlyMessage(lines) }, isWrite), inside),

  extendReservation: async (context, { id, ttlSeconds }) => {
    const message = { id, ...given({ ttlSeconds: whole(ttlSeconds) }) }
    return mapResult(await peer.call(context, rpc.extendReservation, message, isWrite), inside)
  },

  getReservation: async (context, id) => mapResult(await peer.call(context, rpc.getReservation, { id }), inside),

  listReservations: async (context, { filter, page }) => {
    if (isOfNothing(filter)) return nothing(page)
    const { statuses: asked = [], references = [] } = filter
    const which = { statuses: asked.map(statuses.sent), references: [...references] }
    return mapResult(
      await peer.call(context, rpc.listReservations, { ...which, page: pageMessage(page) }),
      ({ reservations, bounds }) => ({ items: reservations.map(reservationOf), ...boundsOf(bounds) }),
    )
  },

  listBackorders: async (context, { filter, page }) => {
    if (isOfNothing(filter)) return nothing(page)
    const { productIds = [], warehouseIds = [] } = filter
    const which = { productIds: [...productIds], warehouseIds: [...warehouseIds] }
    return mapResult(
      await peer.call(context, rpc.listBackorders, { ...which, page: pageMessage(page) }),
      ({ backorders, bounds }) => ({ items: backorders.map(backorderOf), ...boundsOf(bounds) }),
    )
  },
})

const inside = ({ reservation }: { reservation?: ReservationMessage | undefined }) => reservationOf(always(reservation))
