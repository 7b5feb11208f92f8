export type Breaker = Readonly<{
  state: () => BreakerState
  /** Whether a call may go out now. While half open, one may: whoever gets `true` tries the peer for all. */
  tryEnter: () => boolean
  succeeded: () => void
  failed: () => void
}>

export type BreakerState = 'closed' | 'open' | 'half_open'

/** How a state is shown where only numbers are: 0 closed, 1 half open, 2 open. */
export const breakerFigure = (state: BreakerState): number => ({ closed: 0, half_open: 1, open: 2 })[state]

/**
 * Keeps calls away from a peer that does not answer. After `failures` in a row it opens and lets nothing through for
 * `restMs`; then one call may try, and what becomes of it closes or opens it again. A try of which nobody ever hears
 * again holds the others back for `restMs` at most.
 */
export function createBreaker({ failures = 5, restMs = 1_000, now = () => performance.now() } = {}): Breaker {
  let inARow = 0
  let openedMs: number | undefined
  let triedMs: number | undefined

  function state(): BreakerState {
    if (openedMs === undefined) return 'closed'
    return now() - openedMs < restMs ? 'open' : 'half_open'
  }

  function open(): void {
    openedMs = now()
    triedMs = undefined
  }

  return {
    state,
    tryEnter: () => {
      const current = state()
      if (current !== 'half_open') return current === 'closed'
      if (triedMs !== undefined && now() - triedMs < restMs) return false
      triedMs = now()
      return true
    },
    succeeded: () => {
      // An answer that was long on its way, to a call from before: the rest goes on until one is tried on purpose.
      if (state() === 'open') return
      inARow = 0
      openedMs = undefined
      triedMs = undefined
    },
    failed: () => {
      inARow++
      const current = state()
      if (current === 'half_open' || (current === 'closed' && inARow >= failures)) open()
    },
  }
}
