/** Places at which a test may have this process end, as a crash would: `ABASTO_FAILPOINT` names one. */
export type Failpoint = 'after-commit-before-delivery'

/** Ends the process on the spot, without a last word, where the environment asks for it. For tests of crashes only. */
export function passing(point: Failpoint): void {
  if (process.env.ABASTO_FAILPOINT === point) process.kill(process.pid, 'SIGKILL')
}
