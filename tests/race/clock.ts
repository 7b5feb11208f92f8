import { dlopen } from 'bun:ffi'

// Bun's own monotonic clocks begin with the process, so two processes cannot compare them, and the wall clock may be
// set while a history is recorded. The system's CLOCK_MONOTONIC is one for the whole machine.
const isMac = process.platform === 'darwin'
const CLOCK_MONOTONIC = isMac ? 6 : 1
const { symbols } = dlopen(isMac ? 'libSystem.B.dylib' : 'libc.so.6', {
  clock_gettime: { args: ['i32', 'ptr'], returns: 'i32' },
})
const moment = new BigInt64Array(2)

/** Milliseconds on a clock that all processes of this machine share and that nobody sets. */
export function sharedNow(): number {
  if (symbols.clock_gettime(CLOCK_MONOTONIC, moment) !== 0) throw new Error('the clock cannot be read')
  return Number(moment[0]) * 1_000 + Number(moment[1]) / 1_000_000
}
