import type { Uuid } from '@abasto/kernel'

/** How many calls may run at a time. */
const MAX_RUNNING = 2

/** A call that runs longer than this, in milliseconds, holds no others back: it may hang. */
const SLOW_MS = 50

type Call<T, Asker> = {
  readonly group: string
  readonly ids: Set<Uuid>
  readonly askers: Set<Asker>
  readonly found: Promise<ReadonlyMap<Uuid, T>>
  readonly start: () => void
}

export type CoalesceOptions<Asker> = Readonly<{
  /** How many ids, and how many askers, go into one call. */
  atMost?: number
  /** Who may share a call: those of the same group. All, unless said otherwise. */
  groupOf?: (asker: Asker) => string
}>

/**
 * Turns many look-ups into few: what is asked for in the same turn of the event loop, or while two calls run, goes
 * into one call, each id once and at most `atMost` of them, for at most as many askers. The call is told who asks.
 */
export function coalesce<T, Asker = unknown>(
  lookUp: (ids: readonly Uuid[], askers: readonly Asker[]) => Promise<ReadonlyMap<Uuid, T>>,
  { atMost = 100, groupOf = () => '' }: CoalesceOptions<Asker> = {},
): (id: Uuid, asker: Asker) => Promise<T | undefined> {
  const waiting: Call<T, Asker>[] = []
  let running = 0
  let isScheduled = false

  function open(group: string): Call<T, Asker> {
    const ids = new Set<Uuid>()
    const askers = new Set<Asker>()
    let start = () => {}
    const started = new Promise<void>((resolve) => {
      start = resolve
    })
    const call = { group, ids, askers, found: started.then(() => lookUp([...ids], [...askers])), start }
    waiting.push(call)
    if (!isScheduled) {
      isScheduled = true
      setImmediate(() => {
        isScheduled = false
        startNext()
      })
    }
    return call
  }

  function startNext(): void {
    while (running < MAX_RUNNING) {
      const call = waiting.shift()
      if (!call) return
      running++
      let isCounted = true
      const letPast = () => {
        if (!isCounted) return
        isCounted = false
        running--
        startNext()
      }
      const timer = setTimeout(letPast, SLOW_MS)
      const ended = () => {
        clearTimeout(timer)
        letPast()
      }
      call.found.then(ended, ended)
      call.start()
    }
  }

  const hasRoom = ({ ids, askers }: Call<T, Asker>, id: Uuid, asker: Asker): boolean =>
    (ids.size < atMost || ids.has(id)) && (askers.size < atMost || askers.has(asker))

  return async (id, asker) => {
    const group = groupOf(asker)
    const last = waiting.findLast((call) => call.group === group)
    const call = last && hasRoom(last, id, asker) ? last : open(group)
    call.ids.add(id)
    call.askers.add(asker)
    return (await call.found).get(id)
  }
}
