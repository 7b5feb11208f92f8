/** A stream of rows, some at a time. */
export type Batches<Row> = AsyncIterable<readonly Row[]>

/** The rows of a stream that follow each other and have the same name. */
type Group<Row> = Readonly<{ name: string; rows: readonly Row[] }>

async function* grouped<Row>(batches: Batches<Row>, nameOf: (row: Row) => string): AsyncGenerator<Group<Row>> {
  let [name, rows]: [string | undefined, Row[]] = [undefined, []]
  for await (const batch of batches) {
    for (const row of batch) {
      const own = nameOf(row)
      if (own !== name && name !== undefined) {
        yield { name, rows }
        rows = []
      }
      name = own
      rows.push(row)
    }
  }
  if (name !== undefined) yield { name, rows }
}

/** What several streams, each in the order of these names, have under one name; of some of them it may be nothing. */
export async function* joined<One, Two, Three = never>(
  one: Stream<One>,
  two: Stream<Two>,
  three: Stream<Three> = nothing(),
): AsyncGenerator<Readonly<{ name: string; found: [readonly One[], readonly Two[], readonly Three[]] }>> {
  const streams = [grouped(...one), grouped(...two), grouped(...three)] as const
  try {
    const [first, second, third] = streams
    let [a, b, c] = [await first.next(), await second.next(), await third.next()]
    while (!(a.done && b.done && c.done)) {
      const names = [a, b, c].flatMap((each) => (each.done ? [] : [each.value.name]))
      const name = names.reduce((least, each) => (each < least ? each : least))
      const found: [readonly One[], readonly Two[], readonly Three[]] = [[], [], []]
      if (!a.done && a.value.name === name) [found[0], a] = [a.value.rows, await first.next()]
      if (!b.done && b.value.name === name) [found[1], b] = [b.value.rows, await second.next()]
      if (!c.done && c.value.name === name) [found[2], c] = [c.value.rows, await third.next()]
      yield { name, found }
    }
  } finally {
    await Promise.all(streams.map((stream) => stream.return(undefined)))
  }
}

/** A stream, and what its rows go by. */
type Stream<Row> = readonly [batches: Batches<Row>, nameOf: (row: Row) => string]

const nothing = <Row>(): Stream<Row> => [(async function* () {})(), () => '']

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
  }
  await reader.take()
  return reader
}

/** Collects rows and looks at many of them together, because each look is a round trip. */
export function inBulk<Row>(look: (rows: readonly Row[]) => Promise<void>, most = 1_000) {
  let rows: Row[] = []
  const flush = async () => {
    if (rows.length === 0) return
    const together = rows
    rows = []
    await look(together)
  }
  return {
    add: (row: Row): Promise<void> | undefined => {
      rows.push(row)
      return rows.length < most ? undefined : flush()
    },
    flush,
  }
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
