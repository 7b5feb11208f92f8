import { MOST_SHOWN } from '../question.ts'
import type { Difference, Fault } from '../wording.ts'
import type { Moments } from './moments.ts'

/** What is checked, and where it is noted what differs. */
export type Books = Readonly<{ moments: Moments; note: Note }>

/** Notes a difference, where there is one: where, what, what the ledger says, and what was found instead. */
export type Note = (
  fault: Fault,
  where: Where,
  expected: string | number,
  found: string | number,
  isWrong?: boolean,
) => void

export type Where = Readonly<{ level?: LevelName | undefined; subject?: string }>

export type LevelName = Readonly<{ product_id: string; warehouse_id: string }>

/** Notes what differs: all of it as a number, and of each kind no more than is shown, so that memory stays bounded. */
export function notebook() {
  const noted = new Map<Fault, { count: number; shown: Omit<Difference, 'warehouse'>[] }>()
  const note: Note = (fault, { level, subject = null }, expected, found, isWrong = true) => {
    if (!isWrong) return
    const own = noted.get(fault) ?? { count: 0, shown: [] }
    noted.set(fault, own)
    own.count++
    if (own.shown.length === MOST_SHOWN) return
    const [productId, warehouseId] = [level?.product_id ?? null, level?.warehouse_id ?? null]
    own.shown.push({ fault, productId, warehouseId, subject, expected: `${expected}`, found: `${found}` })
  }
  return {
    note,
    counts: () => Object.fromEntries([...noted].map(([fault, { count }]) => [fault, count]).toSorted(byFirst)),
    /** By product and warehouse; what is about neither comes last. */
    differences: (warehouses: ReadonlyMap<string, string>): Difference[] =>
      [...noted.values()]
        .flatMap(({ shown }) => shown)
        .map((each) => ({ ...each, warehouse: warehouses.get(each.warehouseId ?? '') ?? null }))
        .toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1)),
  }
}

const byFirst = ([one]: readonly unknown[], [other]: readonly unknown[]) => (String(one) < String(other) ? -1 : 1)

const placeOf = ({ productId, warehouseId, fault, subject, expected }: Difference): string =>
  [productId ?? '~', warehouseId ?? '~', fault, subject ?? '~', expected].join(' ')

export const dateOf = (moment: Date): string => moment.toISOString()
