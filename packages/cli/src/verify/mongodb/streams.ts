/** A stream of rows, some at a time. */
export type Batches<Row> = AsyncIterable<readonly Row[]>

/** One row after the other, for a stream that is waited for by another one. */
export async function readingOn<Row>(batches: Batches<Row>) {
  const rows = batches[Symbol.asyncIterator]()
  let [batch, place]: [readonly Row[], number] = [[], 0]
  const reader = {
    /** The row that comes next, until it is taken; nothing at the end. */
    next: (): Row | undefined => batch[place],
    take: async () => {
      place++
      while (place >= batch.length) {
        const { done, value } = await rows.next()
        batch = done ? [] : value
        place = 0
        if (done) return
      }
    },
    stop: () => rows.return?.(undefined),
  }
  await reader.take()
  return reader
}

/** A sum of hashes: equal for the same rows in any order, and by chance once in 2^64. */
export function tally() {
  let [count, sum] = [0, 0n]
  return {
    add: (row: string) => {
      count++
      sum = BigInt.asUintN(64, sum + Bun.hash.xxHash64(row))
    },
    text: () => `${count} ${sum}`,
  }
}
