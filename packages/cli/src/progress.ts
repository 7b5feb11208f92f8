/** Shows how far a long piece of work is: a bar on a terminal, a plain line now and then anywhere else. */
export type Progress = Readonly<{
  /** Another step has been done, or several. */
  step(steps?: number): void
  /** Shows the final state and stops; safe to call twice. */
  end(): void
}>

/** A progress that shows nothing, for callers who look at the result alone. */
export const silent: Progress = { step() {}, end() {} }

type Screen = Readonly<{ isTTY?: boolean; columns?: number; write(text: string): unknown }>

/** How often it is drawn: fast enough for the eye, slow enough for a log. */
const BAR_EVERY_MS = 200
const LINE_EVERY_MS = 5000

/** `expected` steps, if it turns out that there are no more: then the total follows. */
export function showProgress(what: string, expected: number, screen: Screen = process.stderr): Progress {
  const begun = performance.now()
  let done = 0
  let ended = false
  const state = () => {
    const seconds = (performance.now() - begun) / 1000
    const total = Math.max(expected, done)
    const rate = Math.round(done / Math.max(seconds, 0.001))
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100)
    const left = done === 0 || done === total ? '' : `, ${Math.ceil(((total - done) * seconds) / done)} s left`
    return { percent, text: `${count(done)} of ${count(total)}, ${count(rate)}/s${left}` }
  }
  const drawBar = () => {
    const { percent, text } = state()
    const width = 24
    const full = Math.floor((percent * width) / 100)
    const bar = '█'.repeat(full) + '░'.repeat(width - full)
    // Erases what is left of a longer line, and never wraps: a wrapped bar scrolls the terminal away.
    const line = `${what} ${bar} ${String(percent).padStart(3)}% ${text}`
    screen.write(`\r${line.slice(0, (screen.columns ?? 80) - 1)}\x1b[K`)
  }
  const drawLine = () => {
    const { percent, text } = state()
    screen.write(`${what}: ${percent}%, ${text}\n`)
  }
  const draw = screen.isTTY ? drawBar : drawLine
  const timer = setInterval(draw, screen.isTTY ? BAR_EVERY_MS : LINE_EVERY_MS)
  return {
    step: (steps = 1) => {
      done += steps
    },
    end: () => {
      if (ended) return
      ended = true
      clearInterval(timer)
      draw()
      if (screen.isTTY) screen.write('\n')
    },
  }
}

/** A count as people write it: 525,461. */
export const count = (value: number): string => value.toLocaleString('en-GB')
