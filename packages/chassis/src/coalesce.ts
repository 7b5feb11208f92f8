import type { Uuid } from '@abasto/kernel'

/** How many calls may run at a time. One that hangs leaves the others a way past it. */
const MAX_RUNNING = 2

type Call<T> = { readonly ids: Set<Uuid>; readonly found: Promise<ReadonlyMap<Uuid, T>>; readonly start: () => void }

/**
 * Turns many look-ups into few: what is asked for in the same turn of the event loop, or while two calls run,
 * goes into one call, each id once and at most `atMost` of them.
 */
export function coalesce<T>(
  lookUp: (ids: readonly Uuid[]) => Promise<ReadonlyMap<Uuid, T>>,
  { atMost = 100 }: { atMost?: number } = {},
): (id: Uuid) => Promise<T | undefined> {
  const waiting: Call<T>[] = []
  let running = 0
  let isScheduled = false

  function open(): Call<T> {
    const ids = new Set<Uuid>()
    let start = () => {}
    const started = new Promise<void>((resolve) => {
      start = resolve
    })
    const call = { ids, found: started.then(() => lookUp([...ids])), start }
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
      const ended = () => {
        running--
        startNext()
      }
      call.found.then(ended, ended)
      call.start()
    }
  }

  return async (id) => {
    const last = waiting.at(-1)
    const call = last && (last.ids.size < atMost || last.ids.has(id)) ? last : open()
    call.ids.add(id)
    return (await call.found).get(id)
  }
}
