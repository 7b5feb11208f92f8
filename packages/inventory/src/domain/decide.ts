import type { Command } from './command.ts'
import { Draft } from './draft.ts'
import { adjustStock, configureLevel, countStock, openLevel, transferStock } from './levels.ts'
import {
  commitReservation,
  expireReservation,
  extendReservation,
  releaseReservation,
  reserveStock,
} from './promises.ts'
import { sellStock } from './sales.ts'
import { type Decision, momentOf, type StockState, type Verdict } from './state.ts'
import { createWarehouse, deleteWarehouse, renameWarehouse } from './warehouses.ts'

/**
 * The rule: folds commands over what was read, in the order in which they arrived, and says what must be written.
 * Pure; whether the state is still true is the business of the write, which is guarded by every version in `read`.
 * All that is written together has one moment; `at` says it where more than this is.
 */
export function decide(state: StockState, commands: readonly Command[], at = momentOf(state)): Decision {
  const draft = new Draft(state, at)
  const verdicts = commands.map((command) => draft.verdictOn(command, verdictOn))
  return draft.decision(verdicts)
}

function verdictOn(draft: Draft, command: Command): Verdict {
  switch (command.type) {
    case 'open':
      return openLevel(draft, command)
    case 'adjust':
      return adjustStock(draft, command)
    case 'count':
      return countStock(draft, command)
    case 'configure':
      return configureLevel(draft, command)
    case 'transfer':
      return transferStock(draft, command)
    case 'sell':
      return sellStock(draft, command)
    case 'reserve':
      return reserveStock(draft, command)
    case 'commit':
      return commitReservation(draft, command)
    case 'release':
      return releaseReservation(draft, command)
    case 'extend':
      return extendReservation(draft, command)
    case 'expire':
      return expireReservation(draft, command)
    case 'create-warehouse':
      return createWarehouse(draft, command)
    case 'rename-warehouse':
      return renameWarehouse(draft, command)
    case 'delete-warehouse':
      return deleteWarehouse(draft, command)
  }
}
