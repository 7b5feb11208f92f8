/** Waiting in the background that can be cut short, for loops that must not hold up a stop. */
export type Pauses = Readonly<{
  /** Waits so long, half as much more or less by chance, so that many processes do not move in step. */
  pause: (ms: number) => Promise<void>
  /** Ends every pause, and those to come. */
  end: () => void
}>

export function createPauses(): Pauses {
  // A race against one promise that lives as long as the process would keep every loser for as long.
  const waiting = new Set<() => void>()
  let isOver = false
  return {
    pause: (ms) =>
      new Promise((resolve) => {
        if (isOver) return resolve()
        const wake = () => {
          clearTimeout(timer)
          waiting.delete(wake)
          resolve()
        }
        const timer = setTimeout(wake, ms * (0.5 + Math.random()))
        waiting.add(wake)
      }),
    end: () => {
      isOver = true
      for (const wake of waiting) wake()
    },
  }
}
