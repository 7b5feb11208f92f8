// Preloaded into a process, this shifts its clock by CLOCK_SHIFT_MS, as where nobody set it: `Date` is wrong, what
// measures how long something takes is not.
const shiftMs = Number(process.env.CLOCK_SHIFT_MS)
if (!Number.isSafeInteger(shiftMs)) throw new Error('CLOCK_SHIFT_MS is to be a number of milliseconds')

const now = Date.now
const shifted = () => now() + shiftMs
globalThis.Date = new Proxy(Date, {
  construct: (RealDate, given) => (given.length === 0 ? new RealDate(shifted()) : Reflect.construct(RealDate, given)),
  apply: (RealDate) => new RealDate(shifted()).toString(),
  get: (RealDate, name) => (name === 'now' ? shifted : Reflect.get(RealDate, name)),
})
