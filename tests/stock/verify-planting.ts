import type { Fault } from '../../packages/cli/src/verify/wording.ts'
import { LAMP, TABLE } from './verify-history.ts'

/** A way in which the books of a shop can be wrong: how it comes to be, and what the check must say of it, at least. */
export type Planted = Readonly<{ what: string; by: readonly string[]; finds: readonly Fault[] }>

export const planted = (what: string, by: string | readonly string[], ...finds: Fault[]): Planted => ({
  what,
  by: [by].flat(),
  finds,
})

export const LEDGER = 'inventory.movements'
export const LEVELS = 'inventory.stock_levels'
export const id = (table: string, where = 'true') =>
  `(SELECT id FROM inventory.${table} WHERE ${where} ORDER BY id LIMIT 1)`
export const CELLAR = id('warehouses', `name = 'Cellar'`)
export const DEFAULT = `'00000000-0000-7000-8000-000000000001'`
export const lamps = `product_id = '${LAMP}' AND warehouse_id = ${DEFAULT}`
export const tables = `product_id = '${TABLE}' AND warehouse_id = ${DEFAULT}`

/** The number of one movement of the lamps, and a condition for it. */
export const nth = (kind: string, place = 0) =>
  `(SELECT sequence FROM ${LEDGER} WHERE ${lamps} AND kind = '${kind}' ORDER BY sequence OFFSET ${place} LIMIT 1)`
export const lamp = (kind: string, place = 0) => `${lamps} AND sequence = ${nth(kind, place)}`
export const last = `(SELECT max(sequence) FROM ${LEDGER} WHERE ${lamps})`

export const columns = (changed: Readonly<Record<string, string>>) =>
  ['product_id', 'warehouse_id', 'sequence', 'kind', 'on_hand_change', 'reserved_change', 'on_hand_after']
    .concat(['reserved_after', 'reason', 'actor', 'purchase_id', 'operation_id', 'created_at', 'reservation_id'])
    .map((name) => (changed[name] ? `${changed[name]} AS ${name}` : name))
    .join(', ')
export const NAMES =
  '(product_id, warehouse_id, sequence, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, reason, actor, purchase_id, operation_id, created_at, reservation_id)'

/** Writes a movement down again, at the end of its level, and makes the level and the sums agree with it. */
export const again = (which: string, changed: Readonly<Record<string, string>> = {}): string[] => [
  `INSERT INTO ${LEDGER} ${NAMES} SELECT ${columns({
    sequence: `${last} + 1`,
    on_hand_after: `(SELECT on_hand FROM ${LEVELS} WHERE ${lamps}) + on_hand_change`,
    reserved_after: `(SELECT reserved FROM ${LEVELS} WHERE ${lamps}) + reserved_change`,
    ...changed,
  })} FROM ${LEDGER} WHERE ${which}`,
  `UPDATE ${LEVELS} l SET sequence = m.sequence, version = l.version + 1, on_hand = m.on_hand_after,
     reserved = m.reserved_after
   FROM ${LEDGER} m WHERE l.${lamps.replace('warehouse_id', 'l.warehouse_id')}
     AND m.product_id = l.product_id AND m.warehouse_id = l.warehouse_id AND m.sequence = ${last}`,
]

/** Takes a movement out and closes the gap, so that numbers, sums and level agree without it. */
export const reknit = (which: string): string[] => [
  `CREATE TEMPORARY TABLE taken AS SELECT * FROM ${LEDGER} WHERE ${which}`,
  `DELETE FROM ${LEDGER} m USING taken t WHERE m.product_id = t.product_id AND m.warehouse_id = t.warehouse_id
     AND m.sequence = t.sequence`,
  `UPDATE ${LEDGER} m SET sequence = m.sequence + 1000000, on_hand_after = m.on_hand_after - t.on_hand_change,
     reserved_after = m.reserved_after - t.reserved_change
   FROM taken t WHERE m.product_id = t.product_id AND m.warehouse_id = t.warehouse_id AND m.sequence > t.sequence`,
  `UPDATE ${LEDGER} SET sequence = sequence - 1000001 WHERE sequence > 1000000`,
  `UPDATE ${LEVELS} l SET sequence = l.sequence - 1, on_hand = l.on_hand - t.on_hand_change,
     reserved = l.reserved - t.reserved_change
   FROM taken t WHERE l.product_id = t.product_id AND l.warehouse_id = t.warehouse_id`,
  'DROP TABLE taken',
]

export const unchecked = (table: string): string[] =>
  ['on_hand_check', 'reserved_check', 'check', 'short_check', 'quantity_check', 'on_hand_after_check', 'check1']
    .map((name) => `${table.split('.')[1]}_${name}`)
    .map((name) => `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${name}`)

export const swapped = (column: string, one: string, other: string) =>
  `UPDATE ${LEDGER} m SET ${column} = o.${column} FROM ${LEDGER} o
   WHERE m.${lamps.replace('warehouse_id', 'm.warehouse_id')} AND o.${lamps.replace('warehouse_id', 'o.warehouse_id')}
     AND (m.sequence = ${one} AND o.sequence = ${other} OR m.sequence = ${other} AND o.sequence = ${one})`
