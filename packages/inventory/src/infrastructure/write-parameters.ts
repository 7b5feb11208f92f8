import { plainArray, textArray } from '@abasto/chassis/database/array'
import type { Uuid } from '@abasto/kernel'
import { keyOf } from '../domain/command.ts'
import type { Movement } from '../domain/movement.ts'
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
  const { at } = decisions[0]!
  return parameters.map((name) => (name === 'at' ? at : columns.text(name)))
}

function addDecision(columns: Columns, number: number, decision: Decision): void {
  const positions = new Map<string, number>()
  for (const { key, before, after } of decision.read) {
    positions.set(keyOf(key), add(columns.levelDecisions, number))
    addLevel(columns, key, before, after)
  }
  const at = (key: Parameters<typeof keyOf>[0]): number => {
    const position = positions.get(keyOf(key))
    if (position === undefined) throw new Error(`a level is to be changed that was not read: ${keyOf(key)}`)
    return position
  }

  const operationAt = new Map<Uuid, number>()
  for (const { id, fingerprint, verdict } of decision.operations) {
    operationAt.set(id, add(columns.operationIds, id))
    add(columns.operationDecisions, number)
    add(columns.fingerprints, fingerprint)
    add(columns.verdicts, verdictToText(verdict))
  }

  const purchases = new Map(decision.purchases.map((purchase) => [purchase.id, purchase]))
  for (const m of decision.movements) {
    const paid = m.purchaseId === null ? undefined : purchases.get(m.purchaseId)
    add(columns.movedLevels, at(m))
    add(columns.movedBy, m.operationId)
    add(columns.movedByPositions, operationAt.get(m.operationId))
    add(columns.causes, columns.cause(m, paid?.unitPrice.currency ?? null))
    add(columns.movedSequences, m.sequence)
    add(columns.onHandChanges, m.onHandChange)
    add(columns.reservedChanges, m.reservedChange)
    add(columns.onHandsAfter, m.onHandAfter)
    add(columns.reservedsAfter, m.reservedAfter)
    add(columns.purchaseIds, m.purchaseId)
    add(columns.unitPrices, paid?.unitPrice.minor)
    add(columns.reservationIds, m.reservationId)
  }

  addPromises(columns, number, decision, at)
  for (const { id, before, after } of decision.warehouses) {
    add(columns.placeDecisions, number)
    add(columns.placeIds, id)
    add(columns.placeVersions, before?.version)
    add(columns.nextPlaceVersions, after?.version)
    add(columns.placeNames, after?.name)
    add(columns.placeDeletions, after?.deletedAt)
  }
}

function addLevel(
  columns: Columns,
  key: Readonly<{ productId: string; warehouseId: string }>,
  before: StockLevel | undefined,
  after: StockLevel | undefined,
): void {
  const next = after ?? before
  add(columns.productIds, key.productId)
  add(columns.warehouseIds, key.warehouseId)
  add(columns.versions, before?.version)
  add(columns.nextVersions, after?.version)
  add(columns.onHands, next?.onHand)
  add(columns.onHandsBefore, before?.onHand)
  add(columns.reserveds, next?.reserved)
  add(columns.reservedsBefore, before?.reserved)
  add(columns.shorts, next?.short)
  add(columns.shortsBefore, before?.short)
  add(columns.backorderLimits, next?.backorderLimit)
  add(columns.backorderLimitsBefore, before?.backorderLimit)
  add(columns.sequences, next?.sequence)
  add(columns.sequencesBefore, before?.sequence)
  add(columns.incomings, next?.incoming)
  add(columns.incomingsBefore, before?.incoming)
  add(columns.reorderPoints, next?.reorderPoint)
  add(columns.reorderPointsBefore, before?.reorderPoint)
  add(columns.nextExpiries, next?.nextExpiryAt)
  add(columns.nextExpiriesBefore, before?.nextExpiryAt)
}

function addPromises(
  columns: Columns,
  number: number,
  { reservations, holds }: Decision,
  at: (key: Parameters<typeof keyOf>[0]) => number,
): void {
  for (const { id, before, after, validBefore } of reservations) {
    add(columns.promiseDecisions, number)
    add(columns.promiseIds, id)
    add(columns.promiseVersions, before?.version)
    add(columns.nextPromiseVersions, after?.version)
    add(columns.promisesAliveUntil, validBefore)
    add(columns.promiseStatuses, after?.status)
    add(columns.promiseReferences, after?.reference)
    add(columns.promiseLines, after && JSON.stringify(after.lines))
    add(columns.promiseExpiries, after?.expiresAt)
    add(columns.promiseActors, after?.actor)
    add(columns.promiseOperations, after?.operationId)
    add(columns.promiseCreations, after?.createdAt)
  }
  for (const hold of holds.placed) {
    add(columns.heldLevels, at(hold))
    add(columns.heldBy, hold.reservationId)
    add(columns.heldQuantities, hold.quantity)
    add(columns.heldExpiries, hold.expiresAt)
    add(columns.heldOperations, hold.operationId)
  }
  for (const hold of holds.extended) {
    add(columns.longerLevels, at(hold))
    add(columns.longerBy, hold.reservationId)
    add(columns.longerExpiries, hold.expiresAt)
  }
  for (const hold of holds.ended) {
    add(columns.endedLevels, at(hold))
    add(columns.endedBy, hold.reservationId)
  }
}

type Value = string | number | null

/** Puts a value at the end of a column and says where it stands, from 1. */
const add = (column: Value[], value: Value | undefined): number => column.push(value ?? null)

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

/** What the statement's parameters name, each a column. */
class Columns {
  readonly levelDecisions: Value[] = []
  readonly productIds: Value[] = []
  readonly warehouseIds: Value[] = []
  readonly versions: Value[] = []
  readonly nextVersions: Value[] = []
  readonly onHands: Value[] = []
  readonly onHandsBefore: Value[] = []
  readonly reserveds: Value[] = []
  readonly reservedsBefore: Value[] = []
  readonly shorts: Value[] = []
  readonly shortsBefore: Value[] = []
  readonly backorderLimits: Value[] = []
  readonly backorderLimitsBefore: Value[] = []
  readonly sequences: Value[] = []
  readonly sequencesBefore: Value[] = []
  readonly incomings: Value[] = []
  readonly incomingsBefore: Value[] = []
  readonly reorderPoints: Value[] = []
  readonly reorderPointsBefore: Value[] = []
  readonly nextExpiries: Value[] = []
  readonly nextExpiriesBefore: Value[] = []

  readonly operationIds: Value[] = []
  readonly operationDecisions: Value[] = []
  readonly fingerprints: Value[] = []
  readonly verdicts: Value[] = []

  readonly kinds: Value[] = []
  readonly reasons: Value[] = []
  readonly actors: Value[] = []
  readonly currencies: Value[] = []

  readonly movedLevels: Value[] = []
  readonly movedBy: Value[] = []
  readonly movedByPositions: Value[] = []
  readonly causes: Value[] = []
  readonly movedSequences: Value[] = []
  readonly onHandChanges: Value[] = []
  readonly reservedChanges: Value[] = []
  readonly onHandsAfter: Value[] = []
  readonly reservedsAfter: Value[] = []
  readonly purchaseIds: Value[] = []
  readonly unitPrices: Value[] = []
  readonly reservationIds: Value[] = []

  readonly promiseDecisions: Value[] = []
  readonly promiseIds: Value[] = []
  readonly promiseVersions: Value[] = []
  readonly nextPromiseVersions: Value[] = []
  readonly promisesAliveUntil: Value[] = []
  readonly promiseStatuses: Value[] = []
  readonly promiseReferences: Value[] = []
  readonly promiseLines: Value[] = []
  readonly promiseExpiries: Value[] = []
  readonly promiseActors: Value[] = []
  readonly promiseOperations: Value[] = []
  readonly promiseCreations: Value[] = []

  readonly heldLevels: Value[] = []
  readonly heldBy: Value[] = []
  readonly heldQuantities: Value[] = []
  readonly heldExpiries: Value[] = []
  readonly heldOperations: Value[] = []
  readonly longerLevels: Value[] = []
  readonly longerBy: Value[] = []
  readonly longerExpiries: Value[] = []
  readonly endedLevels: Value[] = []
  readonly endedBy: Value[] = []

  readonly placeDecisions: Value[] = []
  readonly placeIds: Value[] = []
  readonly placeVersions: Value[] = []
  readonly nextPlaceVersions: Value[] = []
  readonly placeNames: Value[] = []
  readonly placeDeletions: Value[] = []

  private readonly positions = new Map<string, number>()

  /** The position of a cause; each different one is there once. */
  cause({ kind, reason, actor }: Movement, currency: string | null): number {
    const name = `${kind},${reason},${currency},${actor}`
    const known = this.positions.get(name)
    if (known !== undefined) return known
    add(this.kinds, kind)
    add(this.reasons, reason)
    add(this.actors, actor)
    const position = add(this.currencies, currency)
    this.positions.set(name, position)
    return position
  }

  text(name: string): string {
    const column = (this as unknown as Readonly<Record<string, Value[] | undefined>>)[name]
    if (!Array.isArray(column)) throw new Error(`the statement has a parameter that nobody gives: ${name}`)
    return QUOTED.has(name) ? textArray(column as (string | null)[]) : plainArray(column)
  }
}
