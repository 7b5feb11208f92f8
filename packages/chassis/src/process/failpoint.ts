/**
 * Places at which a test may have this process end as a crash would have it end: without a last word. The environment
 * names one, and at which passing of it the process ends: `ABASTO_FAILPOINT=after-send:40`; the first unless it says so.
 */
const FAILPOINTS = [
  // Of products: the product is written, and the cache has not heard of it.
  'after-commit-before-delivery',
  // Of inventory, in the order in which a batch passes them.
  'after-read',
  'after-decide',
  'after-send',
  'after-send-of-expiry',
  'after-commit',
  // Of inventory, where what has expired is swept away.
  'sweep-found',
  'sweep-ended',
] as const

export type Failpoint = (typeof FAILPOINTS)[number]

const chosen = chosenOf(process.env.ABASTO_FAILPOINT)
let passings = 0

/** Ends the process on the spot where the environment asks for it. For tests of crashes only. */
export const passing: (point: Failpoint) => void = chosen
  ? (point) => {
      if (counts(point)) end()
    }
  : () => {}

/**
 * Ends the process as soon as what was just handed to a socket is on its way, where the environment asks for it and
 * `isMeant` agrees. The driver hands it over in this turn of the event loop or in the next.
 */
export const passingOnceSent: (point: Failpoint, isMeant?: () => boolean) => void = chosen
  ? (point, isMeant = () => true) => {
      if (isMeant() && counts(point)) setImmediate(() => setImmediate(end))
    }
  : () => {}

const counts = (point: Failpoint): boolean => point === chosen?.point && ++passings === chosen.passing

const end = () => process.kill(process.pid, 'SIGKILL')

function chosenOf(text: string | undefined): { point: Failpoint; passing: number } | undefined {
  if (!text) return undefined
  const [name = '', count = '1'] = text.split(':')
  const point = FAILPOINTS.find((each) => each === name)
  const passing = Number(count)
  // A test whose crash never comes would prove nothing.
  if (!point || !Number.isSafeInteger(passing) || passing < 1) {
    throw new Error(
      `ABASTO_FAILPOINT is "${text}": it takes one of ${FAILPOINTS.join(', ')}, and a number after a colon.`,
    )
  }
  return { point, passing }
}
