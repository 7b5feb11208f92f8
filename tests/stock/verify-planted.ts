import { ofLedger } from './verify-planted-ledger.ts'
import { ofLevels } from './verify-planted-levels.ts'
import { ofPromises } from './verify-planted-promises.ts'
import { ofOperations, ofSales } from './verify-planted-sales.ts'
import type { Planted } from './verify-planting.ts'

/** Every way in which the check is shown to find that the books are wrong, in tables as in documents. */
export const plantings: readonly Planted[] = [...ofLedger, ...ofLevels, ...ofSales, ...ofOperations, ...ofPromises]
