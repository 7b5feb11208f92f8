import { answer, type Bindings } from '@abasto/chassis/http/binding'
import { mapPage } from '@abasto/kernel'
import type { LineNamed, LineToReserve } from '../../application/reservations.ts'
import type { ReservationStatus } from '../../domain/reservation.ts'
import type { Inventory } from '../../inventory.ts'
import { backorderEntity, reservationEntity } from '../entity.ts'

/** Reservations, and what is owed to them, on HTTP. */
export const reservationBindings = (inventory: Inventory) =>
  ({
    createReservation: async ({ context, attributes, chosenId: id }) => {
      const { lines, ttlSeconds, reference } = attributes as {
        lines: readonly LineToReserve[]
        ttlSeconds?: number
        reference?: string | null
      }
      return answer(await inventory.reserveStock(context, { id, lines, ttlSeconds, reference }), reservationEntity)
    },

    listReservations: async ({ context, page, filters }) => {
      const statuses = filters.status as readonly ReservationStatus[] | undefined
      const filter = { statuses, references: filters.reference }
      return answer(await inventory.listReservations(context, { filter, page }), (page) =>
        mapPage(page, reservationEntity),
      )
    },

    getReservation: async ({ context, id }) => answer(await inventory.getReservation(context, id), reservationEntity),

    commitReservation: async ({ context, id, attributes }) => {
      const { lines } = attributes as { lines?: readonly LineNamed[] }
      return answer(await inventory.commitReservation(context, { id, lines }), reservationEntity)
    },

    releaseReservation: async ({ context, id, attributes }) => {
      const { lines } = attributes as { lines?: readonly LineNamed[] }
      return answer(await inventory.releaseReservation(context, { id, lines }), reservationEntity)
    },

    extendReservation: async ({ context, id, attributes }) => {
      const { ttlSeconds } = attributes as { ttlSeconds?: number }
      return answer(await inventory.extendReservation(context, { id, ttlSeconds }), reservationEntity)
    },

    listBackorders: async ({ context, page, filters }) => {
      const filter = { productIds: filters.product, warehouseIds: filters.warehouse }
      return answer(await inventory.listBackorders(context, { filter, page }), (page) => mapPage(page, backorderEntity))
    },
  }) satisfies Bindings
