import { answer, type Bindings, type Entity } from '@abasto/chassis/http/binding'
import { errorObjectOf } from '@abasto/chassis/http/reply'
import { failures } from '@abasto/contract/failures'
import { type Failure, fail, invalid, ok, type Result, type Uuid } from '@abasto/kernel'
import { type LevelChange, levelNamed } from '../../application/levels.ts'
import type { TransferLine } from '../../domain/command.ts'
import type { LevelKey, Reason, StockLevel } from '../../domain/stock-level.ts'
import { DEFAULT_WAREHOUSE } from '../../domain/warehouse.ts'
import type { Inventory } from '../../inventory.ts'
import { levelEntity, transferEntity } from '../entity.ts'
import { inNamesOfApi } from './names.ts'

/** What an adjustment says, alone or as a line among others. */
type Adjustment = Readonly<{
  quantityDelta?: number
  reason?: Reason
  countedOnHand?: number
  expectedVersion?: number
  expectedOnHand?: number
  actor?: string
}>

type AdjustmentLine = Adjustment & Readonly<{ productId: Uuid; warehouseId?: Uuid }>

/** Changes of stock levels by hand on HTTP: one, many, and from warehouse to warehouse. */
export const adjustmentBindings = (inventory: Inventory) =>
  ({
    adjustStockLevel: async ({ context, id, attributes, ifMatch }) => {
      const adjustment = attributes as Adjustment
      const change = changeIn(adjustment, levelNamed(id), ifMatch)
      if (!change.ok) return change
      const changed = answer(await inventory.changeLevel(context, change.value), levelEntity)
      return inNamesOfApi(changed, namesIn(adjustment, ifMatch !== undefined))
    },

    adjustStockLevels: async ({ context, attributes }) => {
      const { lines } = attributes as { lines: readonly AdjustmentLine[] }
      const changes: LevelChange[] = []
      for (const [index, line] of lines.entries()) {
        const { productId, warehouseId = DEFAULT_WAREHOUSE, ...adjustment } = line
        const change = changeIn(adjustment, { productId, warehouseId })
        if (!change.ok) return fail(inLine(index, change.error))
        changes.push(change.value)
      }
      const changed = await inventory.changeLevels(context, { lines: changes })
      return answer(changed, (results) => adjustmentsEntity(context.operationId, lines, results))
    },

    transferStock: async ({ context, attributes }) => {
      const transfer = attributes as { lines: readonly TransferLine[]; actor?: string }
      return answer(await inventory.transferStock(context, transfer), transferEntity)
    },
  }) satisfies Bindings

/** The change that an adjustment asks for, or why it is none: it is either a difference or a count. */
function changeIn(adjustment: Adjustment, key: LevelKey, ifMatch?: number): Result<LevelChange> {
  const { quantityDelta, reason, countedOnHand, expectedOnHand, actor } = adjustment
  if (ifMatch !== undefined && adjustment.expectedVersion !== undefined) {
    return misfit('If-Match says which version is expected; leave expectedVersion out.', 'expectedVersion')
  }
  const common = { ...key, expectedVersion: ifMatch ?? adjustment.expectedVersion, actor }
  if (countedOnHand !== undefined) {
    if (quantityDelta !== undefined) return misfit('Give quantityDelta or countedOnHand, not both.', 'countedOnHand')
    if (reason !== undefined) return misfit('A count needs no reason: it is one.', 'reason')
    return ok({ ...common, countedOnHand, ...(expectedOnHand === undefined ? {} : { expectedOnHand }) })
  }
  if (quantityDelta === undefined) return misfit('Neither quantityDelta nor countedOnHand is given.', 'quantityDelta')
  if (reason === undefined) return misfit('quantityDelta lacks a reason.', 'reason')
  if (expectedOnHand !== undefined) return misfit('Only a count is made against a quantity.', 'expectedOnHand')
  return ok({ ...common, quantityDelta, reason })
}

const misfit = (message: string, at: keyof Adjustment): Result<never> =>
  fail(invalid('invalid_document', message, [at]))

const inLine = (index: number, failure: Failure): Failure => ({
  ...failure,
  at: ['lines', index, ...(failure.at ?? [])],
})

/** What the members of a change are called where it was sent. */
const namesIn = ({ countedOnHand }: Adjustment, hasHeader: boolean): Readonly<Record<string, string>> => ({
  quantity: countedOnHand === undefined ? 'quantityDelta' : 'countedOnHand',
  ...(hasHeader ? {} : { ifMatch: 'expectedVersion' }),
})

/** What became of each line. It is named by the write that it was, so that the same write has the same name again. */
function adjustmentsEntity(
  operationId: Uuid,
  lines: readonly AdjustmentLine[],
  results: readonly Result<StockLevel>[],
): Entity {
  const sent = { attributes: { lines }, relationships: {}, isCreate: false }
  const verdicts = results.map((result, index) => {
    if (result.ok) return { stockLevel: figuresOf(levelEntity(result.value)) }
    const named = inNamesOfApi(result, namesIn(lines[index]!, false))
    return named.ok ? named : { error: errorObjectOf(inLine(index, named.error), sent, failures) }
  })
  return { type: 'adjustments', id: operationId, attributes: { verdicts } }
}

/** What a change by hand can have changed of a level. */
function figuresOf({ id, attributes }: Entity) {
  const { onHand, reserved, available, short, sequence, version, updatedAt } = attributes
  return { id, onHand, reserved, available, short, sequence, version, updatedAt }
}
