import type { Uuid } from '@abasto/kernel'
import { type Command, keyOf } from './command.ts'
import { decide } from './decide.ts'
import { creation, levelOf, opening } from './examples.ts'
import { asOf, later, type Reservation } from './reservation.ts'
import { after, emptyShelf, type Shelf, stateOf } from './shelf.ts'
import { type Decision, MOST_DUE, type Verdict } from './state.ts'
import type { LevelKey, StockLevel } from './stock-level.ts'
import { DEFAULT_WAREHOUSE } from './warehouse.ts'

export const LAMP: Uuid = '11111111-1111-7111-8111-111111111111'
export const CHAIR: Uuid = '22222222-2222-7222-8222-222222222222'
export const SOFA: Uuid = '33333333-3333-7333-8333-333333333333'
/** A second warehouse, which every example shop has. */
export const ATTIC: Uuid = '44444444-4444-7444-8444-444444444444'

export const NINE: string = '2026-01-31T09:00:00.000Z'

/** What there is of a product in the default warehouse, and how far it may be promised beyond that. */
type Amount = number | Readonly<{ onHand: number; backorderLimit?: number; warehouseId?: Uuid }>

/** A shop at nine o'clock in which commands take effect as they are told, and time goes by when it is told to. */
export function exampleShop(amounts: Readonly<Record<Uuid, Amount>> = {}, mostDue = MOST_DUE) {
  let [shelf, now]: [Shelf, string] = [emptyShelf(NINE), NINE]

  function tell(...commands: readonly Command[]): Decision {
    const decision = decide(stateOf(shelf, now, mostDue), commands)
    shelf = after(shelf, decision)
    return decision
  }

  tell(creation(ATTIC))
  for (const [productId, amount] of Object.entries(amounts)) {
    const { onHand, ...rest } = typeof amount === 'number' ? { onHand: amount } : amount
    tell({ ...opening(productId, onHand, rest), shown: 'level' })
  }

  return {
    /** Decides commands in one batch, and lets that take effect. */
    tell,
    /** The one verdict on a command, which takes effect. */
    verdict: (command: Command): Verdict => tell(command).verdicts[0]!,
    /** Why each of the commands of a batch was refused, where it was. */
    refusals: (...commands: readonly Command[]) =>
      tell(...commands).verdicts.map((verdict) => (verdict.ok ? undefined : verdict.error.code)),
    wait: (seconds: number): void => {
      now = later(now, seconds)
    },
    level: (productId: Uuid, warehouseId = DEFAULT_WAREHOUSE): StockLevel =>
      shelf.levels.get(keyOf({ productId, warehouseId }))!,
    /** As it is at this moment. */
    reservation: (id: Uuid): Reservation => asOf(shelf.reservations.get(id)!, now),
    shelf: (): Shelf => shelf,
    state: () => stateOf(shelf, now, mostDue),
  }
}

export const inAttic = (productId: Uuid): LevelKey => ({ ...levelOf(productId), warehouseId: ATTIC })
