/** How long one attempt may take: `signal` aborts it, `end` is called once it is over. */
export type Wait = Readonly<{ signal: AbortSignal; end: () => void }>

/** Requests that share a signal begin within this share of the timeout, so the last of them waits that much longer. */
const SHARE = 20
/** Node warns when one signal has more listeners than this. */
const MOST_WAITS = 1_000

/**
 * Timeouts for many requests at once. A controller and a timer for each request cost more than the rest of the client
 * together, so requests that begin at about the same time share one of each. Nobody is cut short: the timer runs from
 * the last of them.
 */
export class Patience {
  readonly #waitMs: number
  #current: SharedWait | undefined

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  begin(nowMs: number): Wait {
    let wait = this.#current
    if (wait === undefined || nowMs >= wait.closesAtMs || wait.begun >= MOST_WAITS || !wait.running) {
      wait = new SharedWait(nowMs + this.#waitMs / SHARE, this.#waitMs + this.#waitMs / SHARE)
      this.#current = wait
    }
    return wait.join()
  }
}

class SharedWait {
  readonly closesAtMs: number
  begun = 0
  running = true
  readonly #controller = new AbortController()
  readonly signal = this.#controller.signal
  readonly #timer: ReturnType<typeof setTimeout>
  #open = 0

  constructor(closesAtMs: number, waitMs: number) {
    this.closesAtMs = closesAtMs
    this.#timer = setTimeout(() => {
      this.running = false
      this.#controller.abort()
    }, waitMs)
  }

  join(): Wait {
    this.begun++
    this.#open++
    return this
  }

  /** The timer goes with the last request, so that a program which is done can end. */
  end = (): void => {
    if (--this.#open > 0) return
    this.running = false
    clearTimeout(this.#timer)
  }
}

/** A timeout of its own, for a request with less time than usual or one that its caller may abort. */
export function waitAlone(waitMs: number, signal?: AbortSignal): Wait {
  const controller = new AbortController()
  const abort = () => controller.abort(signal?.reason)
  const timer = setTimeout(abort, waitMs)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}
