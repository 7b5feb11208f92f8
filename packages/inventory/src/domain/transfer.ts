import type { Uuid } from '@abasto/kernel'
import type { TransferLine } from './command.ts'

/** Stock that was moved from warehouse to warehouse. Its movements tell the same; nothing else is stored of it. */
export type Transfer = Readonly<{
  id: Uuid
  lines: readonly TransferLine[]
  actor: string
  operationId: Uuid
  createdAt: string
}>
