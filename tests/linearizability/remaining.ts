import { isOpen, type Operation } from './operation.ts'

/** The beginning of the list, before the first call. */
const HEAD = 0

/**
 * The calls and returns of the operations that have no place in the order yet, by time: the doubly linked list of Wing
 * and Gong's search in Lowe's form. Taking an operation out and putting it back costs four links each, as long as they
 * are put back in the reverse order.
 */
export class Remaining {
  /** How many answered operations have no place yet. What was never answered need not get one. */
  answered = 0
  private readonly next: Int32Array
  private readonly previous: Int32Array
  /** For each entry: the operation that begins there, or -1 where one returns. */
  private readonly begins: Int32Array
  private readonly callOf: Int32Array
  /** 0 for an operation that never returns. */
  private readonly returnOf: Int32Array

  /** The operations are in the order of their invocations. */
  constructor(operations: readonly Operation[]) {
    const events = operations.flatMap((operation, index) => {
      const call = { time: operation.invoked, index, isCall: true }
      return isOpen(operation) ? [call] : [call, { time: operation.answered, index, isCall: false }]
    })
    // Two that touch are taken to overlap, and calls of one moment stay in the order of the operations.
    events.sort(
      (one, other) => one.time - other.time || Number(other.isCall) - Number(one.isCall) || one.index - other.index,
    )
    const size = events.length + 2
    this.next = new Int32Array(size)
    this.previous = new Int32Array(size)
    this.begins = new Int32Array(size).fill(-1)
    this.callOf = new Int32Array(operations.length)
    this.returnOf = new Int32Array(operations.length)
    for (let entry = 0; entry < size; entry++) {
      this.next[entry] = Math.min(entry + 1, size - 1)
      this.previous[entry] = Math.max(entry - 1, 0)
    }
    for (const [place, { index, isCall }] of events.entries()) {
      if (isCall) {
        this.begins[place + 1] = index
        this.callOf[index] = place + 1
        continue
      }
      this.returnOf[index] = place + 1
      this.answered++
    }
  }

  /** The first that may come next; -1 if there is none. */
  first(): number {
    return this.begins[this.next[HEAD]!]!
  }

  /** The one that may come next after this one, also when this one has just been taken out; -1 if there is none. */
  after(operation: number): number {
    return this.begins[this.next[this.callOf[operation]!]!]!
  }

  takeOut(operation: number): void {
    const back = this.returnOf[operation]!
    if (back > 0) {
      this.unlink(back)
      this.answered--
    }
    this.unlink(this.callOf[operation]!)
  }

  putBack(operation: number): void {
    this.link(this.callOf[operation]!)
    const back = this.returnOf[operation]!
    if (back === 0) return
    this.link(back)
    this.answered++
  }

  private unlink(entry: number): void {
    const [before, behind] = [this.previous[entry]!, this.next[entry]!]
    this.next[before] = behind
    this.previous[behind] = before
  }

  private link(entry: number): void {
    this.next[this.previous[entry]!] = entry
    this.previous[this.next[entry]!] = entry
  }
}
