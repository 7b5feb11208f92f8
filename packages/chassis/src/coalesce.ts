import type { Uuid } from '@abasto/kernel'

/**
 * Turns many look-ups of one turn of the event loop into few: every id that is asked for before the turn ends goes
 * into one call, at most `atMost` to a call.
 */
export function coalesce<T>(
  lookUp: (ids: readonly Uuid[]) => Promise<ReadonlyMap<Uuid, T>>,
  { atMost = 100 }: { atMost?: number } = {},
): (id: Uuid) => Promise<T | undefined> {
  let open: { ids: Set<Uuid>; found: Promise<ReadonlyMap<Uuid, T>> } | undefined

  function begin(): NonNullable<typeof open> {
    const ids = new Set<Uuid>()
    const found = new Promise((resolve) => setImmediate(resolve)).then(() => {
      if (open?.ids === ids) open = undefined
      return lookUp([...ids])
    })
    return { ids, found }
  }

  return async (id) => {
    if (!open || (open.ids.size >= atMost && !open.ids.has(id))) open = begin()
    open.ids.add(id)
    return (await open.found).get(id)
  }
}
