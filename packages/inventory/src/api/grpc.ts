import { type GrpcService, grpcService } from '@abasto/chassis/grpc/service'
import { InventoryService } from '@abasto/proto/inventory/v1/inventory_service'
import type { StockStream } from '../application/stream.ts'
import type { Inventory } from '../inventory.ts'
import { inventoryCalls } from './grpc/inventories.ts'
import { levelCalls } from './grpc/levels.ts'
import { movementCalls } from './grpc/movements.ts'
import { purchaseCalls } from './grpc/purchases.ts'
import { reservationCalls } from './grpc/reservations.ts'
import { stockEventCalls } from './grpc/stock-events.ts'
import { transferCalls } from './grpc/transfers.ts'
import { warehouseCalls } from './grpc/warehouses.ts'

/** The inventory service on gRPC: one answer for each call of its proto file. */
export const inventoryGrpc = (inventory: Inventory, stream: StockStream): GrpcService =>
  grpcService(InventoryService, {
    ...inventoryCalls(inventory),
    ...warehouseCalls(inventory),
    ...levelCalls(inventory),
    ...transferCalls(inventory),
    ...reservationCalls(inventory),
    ...purchaseCalls(inventory),
    ...movementCalls(inventory),
    ...stockEventCalls(stream),
  })
