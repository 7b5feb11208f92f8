/**
 * The order of the writes of one process. A write that was decided on what the one before it will leave behind must
 * begin after it: so it waits for every earlier one that shares a row with it, and for no other.
 */
export class Turns {
  /** For each row, the end of the last write that touches it. */
  private readonly last = new Map<string, Promise<void>>()

  /** Runs a write when its turn comes. `done` may be called before it ends, once the next may begin. */
  async take<T>(rows: readonly string[], write: (done: () => void) => Promise<T>): Promise<T> {
    const before = new Set(rows.flatMap((row) => this.last.get(row) ?? []))
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const row of rows) this.last.set(row, promise)
    const done = () => {
      for (const row of rows) if (this.last.get(row) === promise) this.last.delete(row)
      resolve()
    }
    try {
      if (before.size > 0) await Promise.all(before)
      return await write(done)
    } finally {
      done()
    }
  }
}
