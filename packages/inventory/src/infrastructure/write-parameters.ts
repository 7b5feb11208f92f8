import { plainArray, textArray } from '@abasto/chassis/database/array'
import type { Uuid } from '@abasto/kernel'
import { keyOf } from '../domain/command.ts'
import type { Decision } from '../domain/state.ts'
import type { StockLevel } from '../domain/stock-level.ts'
import { verdictToText } from './verdict.ts'
import type { Statement } from './write-statement.ts'

/** The smallest form of the statement that can write the decisions. */
export function statementFor<S>(
  decisions: readonly Decision[],
  forms: Readonly<{ levels: S; expiries: S; promises: S }>,
): S {
  if (!decisions.every(isOfLevelsOnly)) return forms.promises
  return decisions.every(isWithoutHolds) ? forms.levels : forms.expiries
}

const isOfLevelsOnly = ({ reservations, warehouses }: Decision): boolean =>
  reservations.length === 0 && warehouses.length === 0

const isWithoutHolds = ({ read, holds }: Decision): boolean =>
  holds.ended.length === 0 &&
  read.every(
    ({ before, after }) =>
      !after ||
      (after.incoming === (before?.incoming ?? 0) &&
        after.reorderPoint === (before?.reorderPoint ?? null) &&
        after.nextExpiryAt === (before?.nextExpiryAt ?? null)),
  )

/**
 * The parameters of a write: whole columns, as arrays in text, in the order in which the statement wants them. Movements
 * and holds name their level and their cause (kind, reason, actor, currency) by position in columns of those, because
 * reading the same long values again and again is what such a statement spends its time on. All decisions share one
 * clock.
 */
export function writeParameters({ parameters }: Statement, decisions: readonly Decision[]): string[] {
  const columns = new Columns()
  for (const [number, decision] of decisions.entries()) addDecision(columns, number, decision)
  const now = decisions[0]!.now
  return parameters.map((name) => (name === 'now' ? now : columns.text(name)))
}

function addDecision(columns: Columns, number: number, decision: Decision): void {
  const positions = new Map<string, number>()
  for (const { key, before, after } of decision.read) {
    positions.set(keyOf(key), columns.add('levelDecisions', number))
    addLevel(columns, key, before, after)
  }
  const at = (key: Parameters<typeof keyOf>[0]): number => {
    const position = positions.get(keyOf(key))
    if (position === undefined) throw new Error(`a level is to be changed that was not read: ${keyOf(key)}`)
    return position
  }

  const operationAt = new Map<Uuid, number>()
  for (const { id, fingerprint, verdict } of decision.operations) {
    operationAt.set(id, columns.add('operationIds', id))
    columns.add('operationDecisions', number)
    columns.add('fingerprints', fingerprint)
    columns.add('verdicts', verdictToText(verdict))
  }

  const purchases = new Map(decision.purchases.map((purchase) => [purchase.id, purchase]))
  for (const m of decision.movements) {
    const paid = m.purchaseId === null ? undefined : purchases.get(m.purchaseId)
    columns.add('movedLevels', at(m))
    columns.add('movedBy', m.operationId)
    columns.add('movedByPositions', operationAt.get(m.operationId))
    columns.add('causes', columns.cause([m.kind, m.reason, m.actor, paid?.unitPrice.currency ?? null]))
    columns.add('movedSequences', m.sequence)
    columns.add('onHandChanges', m.onHandChange)
    columns.add('reservedChanges', m.reservedChange)
    columns.add('onHandsAfter', m.onHandAfter)
    columns.add('reservedsAfter', m.reservedAfter)
    columns.add('purchaseIds', m.purchaseId)
    columns.add('unitPrices', paid?.unitPrice.minor)
    columns.add('reservationIds', m.reservationId)
  }

  addPromises(columns, number, decision, at)
  for (const { id, before, after } of decision.warehouses) {
    columns.add('placeDecisions', number)
    columns.add('placeIds', id)
    columns.add('placeVersions', before?.version)
    columns.add('nextPlaceVersions', after?.version)
    columns.add('placeNames', after?.name)
    columns.add('placeDeletions', after?.deletedAt)
  }
}

function addLevel(
  columns: Columns,
  key: Readonly<{ productId: string; warehouseId: string }>,
  before: StockLevel | undefined,
  after: StockLevel | undefined,
): void {
  const next = after ?? before
  columns.add('productIds', key.productId)
  columns.add('warehouseIds', key.warehouseId)
  columns.add('versions', before?.version)
  columns.add('nextVersions', after?.version)
  columns.add('onHands', next?.onHand)
  columns.add('onHandsBefore', before?.onHand)
  columns.add('reserveds', next?.reserved)
  columns.add('reservedsBefore', before?.reserved)
  columns.add('shorts', next?.short)
  columns.add('shortsBefore', before?.short)
  columns.add('backorderLimits', next?.backorderLimit)
  columns.add('backorderLimitsBefore', before?.backorderLimit)
  columns.add('sequences', next?.sequence)
  columns.add('sequencesBefore', before?.sequence)
  columns.add('incomings', next?.incoming)
  columns.add('incomingsBefore', before?.incoming)
  columns.add('reorderPoints', next?.reorderPoint)
  columns.add('reorderPointsBefore', before?.reorderPoint)
  columns.add('nextExpiries', next?.nextExpiryAt)
  columns.add('nextExpiriesBefore', before?.nextExpiryAt)
}

function addPromises(
  columns: Columns,
  number: number,
  { reservations, holds }: Decision,
  at: (key: Parameters<typeof keyOf>[0]) => number,
): void {
  for (const { id, before, after, validBefore } of reservations) {
    columns.add('promiseDecisions', number)
    columns.add('promiseIds', id)
    columns.add('promiseVersions', before?.version)
    columns.add('nextPromiseVersions', after?.version)
    columns.add('promisesAliveUntil', validBefore)
    columns.add('promiseStatuses', after?.status)
    columns.add('promiseReferences', after?.reference)
    columns.add('promiseLines', after && JSON.stringify(after.lines))
    columns.add('promiseExpiries', after?.expiresAt)
    columns.add('promiseActors', after?.actor)
    columns.add('promiseOperations', after?.operationId)
    columns.add('promiseCreations', after?.createdAt)
  }
  for (const hold of holds.placed) {
    columns.add('heldLevels', at(hold))
    columns.add('heldBy', hold.reservationId)
    columns.add('heldQuantities', hold.quantity)
    columns.add('heldExpiries', hold.expiresAt)
    columns.add('heldOperations', hold.operationId)
  }
  for (const hold of holds.extended) {
    columns.add('longerLevels', at(hold))
    columns.add('longerBy', hold.reservationId)
    columns.add('longerExpiries', hold.expiresAt)
  }
  for (const hold of holds.ended) {
    columns.add('endedLevels', at(hold))
    columns.add('endedBy', hold.reservationId)
  }
}

/** Columns whose values may need quotes. */
const QUOTED = new Set([
  'verdicts',
  'kinds',
  'reasons',
  'actors',
  'currencies',
  'promiseReferences',
  'promiseLines',
  'promiseActors',
  'placeNames',
])

type Value = string | number | null

const CAUSE = ['kinds', 'reasons', 'actors', 'currencies'] as const

class Columns {
  private readonly values = new Map<string, Value[]>()
  private readonly causes = new Map<string, number>()

  /** Puts a value at the end of a column and says where it stands, from 1. */
  add(name: string, value: Value | undefined): number {
    const column = this.values.get(name)
    if (column) return column.push(value ?? null)
    this.values.set(name, [value ?? null])
    return 1
  }

  /** The position of a cause; each different one is there once. */
  cause(parts: readonly (string | null)[]): number {
    const name = parts.join()
    const known = this.causes.get(name)
    if (known) return known
    for (const [index, column] of CAUSE.entries()) this.add(column, parts[index])
    this.causes.set(name, this.causes.size + 1)
    return this.causes.size
  }

  text(name: string): string {
    const column = this.values.get(name) ?? []
    return QUOTED.has(name) ? textArray(column as (string | null)[]) : plainArray(column)
  }
}
