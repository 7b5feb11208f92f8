import { DEFAULT_WAREHOUSE } from '../../packages/inventory/src/domain/warehouse.ts'
import type { Inventory } from '../../packages/inventory/src/inventory.ts'
import type { Result, Uuid } from '../../packages/kernel/src/kernel.ts'
import { type Asked, type Line, type Said, type Sent, saidBy } from '../linearizability/projection.ts'
import { context } from '../stock/seller.ts'
import { sharedNow } from './clock.ts'

/** How one sending is named, and how long whoever sends it waits. */
export type Sending = Readonly<{ key?: Uuid; patienceMs?: number }>

type Reserving = Sending & Readonly<{ ttlSeconds?: number }>

/** Patient enough that nothing but an outage goes unanswered. */
export const PATIENCE_MS = 60_000

/**
 * Speaks to an inventory and writes down what was asked when, and what was answered when. Each call gives what was
 * said back; nothing when nobody knows what came of it.
 */
export function createRecorder(inventory: Inventory, sent: Sent[] = []) {
  async function record(
    asked: Asked,
    ask: (context: ReturnType<typeof contextFor>) => Promise<Result<unknown>>,
    sending: Sending = {},
  ): Promise<Said | undefined> {
    const own = contextFor(sending)
    const invoked = sharedNow()
    const said = saidBy(await ask(own))
    const answered = said ? sharedNow() : null
    const isHasty = sending.patienceMs !== undefined
    sent.push({
      key: own.operationId,
      invoked,
      answered,
      asked,
      ...(said ? { said } : {}),
      ...(isHasty ? { isHasty } : {}),
    })
    return said
  }

  return {
    sent,
    sell: (lines: readonly Line[], sending?: Sending) =>
      record({ type: 'sell', lines }, (own) => inventory.sell(own, { lines: lines.map(toLine) }), sending),
    reserve: (reservation: Uuid, lines: readonly Line[], { ttlSeconds = 600, ...sending }: Reserving = {}) =>
      record(
        { type: 'reserve', reservation, lines, ttlSeconds },
        (own) => inventory.reserveStock(own, { id: reservation, lines: lines.map(toLine), ttlSeconds }),
        sending,
      ),
    commit: (reservation: Uuid, lines: readonly Line[], sending?: Sending) =>
      record(
        { type: 'commit', reservation, lines },
        (own) => inventory.commitReservation(own, { id: reservation }),
        sending,
      ),
    release: (reservation: Uuid, lines: readonly Line[], sending?: Sending) =>
      record(
        { type: 'release', reservation, lines },
        (own) => inventory.releaseReservation(own, { id: reservation }),
        sending,
      ),
    adjust: (product: Uuid, delta: number, isFact: boolean, sending?: Sending) => {
      const reason = isFact ? (delta < 0 ? 'damage' : 'return') : 'correction'
      const what = { ...levelOf(product), quantityDelta: delta, reason } as const
      return record({ type: 'adjust', product, delta, isFact }, (own) => inventory.changeLevel(own, what), sending)
    },
    read: (product: Uuid) => record({ type: 'read', product }, (own) => inventory.getLevel(own, levelOf(product))),
  }
}

export type Recorder = ReturnType<typeof createRecorder>

function contextFor({ key, patienceMs = PATIENCE_MS }: Sending) {
  const own = context(Date.now() + patienceMs)
  return key === undefined ? own : { ...own, operationId: key }
}

const toLine = ({ product, quantity }: Line) => ({ productId: product, quantity })

const levelOf = (productId: Uuid) => ({ productId, warehouseId: DEFAULT_WAREHOUSE })
