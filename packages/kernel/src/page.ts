import { type Failure, invalid } from './failure.ts'
import { isUuid } from './identifier.ts'

/**
 * Which part of a list is asked for: the first `size` items, or those right after, or right before, a position in the
 * list's order. At most one of `after` and `before` is given.
 */
export type PageRequest = Readonly<{ size: number; after?: string; before?: string }>

export type Page<T> = Readonly<{
  items: readonly T[]
  /** Whether there may be anything before the first item, and after the last. */
  hasPrevious: boolean
  hasNext: boolean
}>

export const mapPage = <T, U>(page: Page<T>, change: (item: T) => U): Page<U> => ({
  ...page,
  items: page.items.map(change),
})

/** Refuses a position that cannot be one of a list in the order of ids. */
export function cursorRefusal(page: PageRequest, isPosition: (text: string) => boolean = isUuid): Failure | undefined {
  for (const side of ['after', 'before'] as const) {
    const position = page[side]
    if (position === undefined || isPosition(position)) continue
    return invalid('invalid_cursor', 'The cursor is not one of this list.', ['page', side])
  }
  return undefined
}

/**
 * Reads one page in key order. `fetch` returns up to `limit` rows: forwards those beyond `position` in the list's
 * order, backwards those before it, the nearest first.
 */
export async function readPage<T>(
  { size, after, before }: PageRequest,
  fetch: (direction: 'forward' | 'backward', position: string | undefined, limit: number) => Promise<T[]>,
): Promise<Page<T>> {
  if (before !== undefined) {
    const rows = await fetch('backward', before, size + 1)
    return { items: rows.slice(0, size).reverse(), hasPrevious: rows.length > size, hasNext: true }
  }
  const rows = await fetch('forward', after, size + 1)
  return { items: rows.slice(0, size), hasPrevious: after !== undefined, hasNext: rows.length > size }
}
