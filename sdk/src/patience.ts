/** How long one attempt may take: `signal` aborts it, `end` is called once it is over. */
export type Wait = Readonly<{ signal: AbortSignal; end: () => void }>

/**
 * Begins to wait for at most `waitMs`, or until the caller's own signal aborts. The timer goes with the attempt, so
 * that a program which is done can end; `AbortSignal.timeout` would keep one alive for each request of the last 10 s.
 */
export function beginWait(waitMs: number, signal: AbortSignal | undefined): Wait {
  const controller = new AbortController()
  const abort = () => controller.abort(signal?.reason)
  const timer = setTimeout(abort, waitMs)
  signal?.addEventListener('abort', abort)
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** How long a stream may be silent: it is over when, after `expect`, nothing is `heard` for so long. */
export type Listening = Wait & Readonly<{ expect: (withinMs: number) => void; heard: () => void }>

/** Begins to listen, until the caller's own signal aborts. */
export function beginListening(signal: AbortSignal | undefined): Listening {
  const controller = new AbortController()
  const abort = () => controller.abort(signal?.reason)
  let timer: ReturnType<typeof setTimeout> | undefined
  const heard = () => clearTimeout(timer)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  return {
    signal: controller.signal,
    heard,
    expect: (withinMs) => {
      heard()
      timer = setTimeout(abort, withinMs)
    },
    end: () => {
      heard()
      signal?.removeEventListener('abort', abort)
      abort()
    },
  }
}
