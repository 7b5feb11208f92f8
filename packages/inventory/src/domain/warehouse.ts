import type { Uuid } from '@abasto/kernel'

/** A place that holds stock. */
export type Warehouse = Readonly<{
  id: Uuid
  name: string
  /** Rises by one with every change. */
  version: number
  createdAt: string
  updatedAt: string
  /** When it was deleted; its levels, its stock and its history stay. */
  deletedAt: string | null
}>

/** The warehouse that every shop has; the first migration makes it. */
export const DEFAULT_WAREHOUSE: Uuid = '00000000-0000-7000-8000-000000000001'
