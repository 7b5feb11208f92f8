import { idRefusal, idsRefusal } from '@abasto/chassis/grpc/validation'
import { type Failure, invalid } from '@abasto/kernel'
import { lineCountRefusal } from '../../application/operation.ts'

type Path = readonly (string | number)[]

/** What is not allowed about the level that a message names. */
export const keyRefusal = ({ productId, warehouseId }: { productId: string; warehouseId: string }) =>
  idRefusal(productId, ['productId']) ?? idRefusal(warehouseId, ['warehouseId'])

/** What is not allowed about the products and warehouses that a list is asked for. */
export const filterRefusal = ({ productIds, warehouseIds }: { productIds: string[]; warehouseIds: string[] }) =>
  (productIds.length > 0 ? idsRefusal(productIds, ['productIds']) : undefined) ??
  (warehouseIds.length > 0 ? idsRefusal(warehouseIds, ['warehouseIds']) : undefined)

/** Refuses a word that we do not know. */
export function wordsRefusal<Sent>(
  sent: readonly Sent[],
  { name }: Readonly<{ name: (sent: Sent) => string | undefined }>,
  at: string,
): Failure | undefined {
  const wrong = sent.findIndex((each) => name(each) === undefined)
  return wrong < 0 ? undefined : invalid('invalid_value', `${sent[wrong]} is none that this call knows.`, [at, wrong])
}

/**
 * Whether there are as many lines as a command may have. Where there are not, nothing else is looked at: the use case
 * refuses them, whoever asks.
 */
export const isLineCount = (lines: readonly unknown[]): boolean => lineCountRefusal('call', lines.length) === undefined

/** The first thing that is not allowed about some lines. */
export function linesRefusal<Line>(
  lines: readonly Line[],
  refusal: (line: Line, at: Path) => Failure | undefined,
): Failure | undefined {
  for (const [index, line] of lines.entries()) {
    const found = refusal(line, ['lines', index])
    if (found) return found
  }
  return undefined
}

/** The values that a list is asked for; of what names none, all. */
export const anyOf = <T>(values: readonly T[]): readonly T[] | undefined => (values.length > 0 ? values : undefined)
