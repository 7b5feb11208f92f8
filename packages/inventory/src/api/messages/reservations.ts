import {
  type Backorder as BackorderMessage,
  type LinesNamed as LinesNamedMessage,
  type LineToReserve as LineToReserveMessage,
  type Reservation as ReservationMessage,
  ReservationStatus as SentStatus,
} from '@abasto/proto/inventory/v1/reservation'
import type { Backorder } from '../../application/ports.ts'
import type { LineNamed, LineToReserve } from '../../application/reservations.ts'
import type { Reservation, ReservationStatus } from '../../domain/reservation.ts'
import { given, words } from './members.ts'

export const statuses = words<ReservationStatus, SentStatus>({
  held: SentStatus.HELD,
  committed: SentStatus.COMMITTED,
  released: SentStatus.RELEASED,
  expired: SentStatus.EXPIRED,
})

export const reservationMessage = ({ status, reference, lines, version, ...others }: Reservation) => ({
  ...others,
  status: statuses.sent(status),
  ...given({ reference: reference ?? undefined }),
  lines: lines.map(({ productId, warehouseId, quantity, status }) => ({
    productId,
    warehouseId,
    quantity: BigInt(quantity),
    status: statuses.sent(status),
  })),
  version: BigInt(version),
})

export const reservationOf = (message: ReservationMessage): Reservation => ({
  id: message.id,
  status: statuses.known(message.status),
  reference: message.reference ?? null,
  lines: message.lines.map(({ productId, warehouseId, quantity, status }) => ({
    productId,
    warehouseId,
    quantity: Number(quantity),
    status: statuses.known(status),
  })),
  expiresAt: message.expiresAt,
  version: Number(message.version),
  actor: message.actor,
  operationId: message.operationId,
  createdAt: message.createdAt,
  updatedAt: message.updatedAt,
})

export const backorderMessage = ({ quantity, owed, ...others }: Backorder) => ({
  ...others,
  quantity: BigInt(quantity),
  owed: BigInt(owed),
})

export const backorderOf = (message: BackorderMessage): Backorder => ({
  productId: message.productId,
  warehouseId: message.warehouseId,
  reservationId: message.reservationId,
  quantity: Number(message.quantity),
  owed: Number(message.owed),
  expiresAt: message.expiresAt,
  createdAt: message.createdAt,
})

export const lineToReserveMessage = ({ productId, quantity, warehouseId }: LineToReserve) => ({
  productId,
  quantity: BigInt(quantity),
  ...given({ warehouseId }),
})

export const lineToReserveOf = ({ productId, quantity, warehouseId }: LineToReserveMessage): LineToReserve => ({
  productId,
  quantity: Number(quantity),
  ...given({ warehouseId }),
})

/** Which lines are meant, where not all of them are. */
export const onlyMessage = (lines: readonly LineNamed[] | undefined) =>
  given({ only: lines && { lines: lines.map(lineNamed) } })

export const onlyOf = (message: LinesNamedMessage | undefined) => given({ lines: message?.lines.map(lineNamed) })

const lineNamed = ({ productId, warehouseId }: LineNamed): LineNamed & { warehouseId?: string } => ({
  productId,
  ...given({ warehouseId }),
})
