import type { Uuid } from '../../packages/kernel/src/kernel.ts'

/** Where products are read and changed: a replica, whichever way it is spoken to. Whatever goes wrong is thrown. */
export type Desk = Readonly<{
  /** Adds a product, at version 1. */
  add: () => Promise<Uuid>
  /** Changes it, and says which version that has made. */
  change: (id: Uuid) => Promise<number>
  remove: (id: Uuid) => Promise<void>
  /** The version that is shown of it, and `GONE` where none is. */
  version: (id: Uuid) => Promise<number>
}>

/** Later than every version. */
export const GONE = Number.MAX_SAFE_INTEGER

/** What readers and writers of a shop saw who were at it at the same time. */
export type Traffic = Readonly<{
  counts: { reads: number; stale: number; writes: number; deletions: number }
  /** How long after its write was answered an old product was still read, at the worst, in milliseconds. */
  stalestMs: () => number
  /** When an old product was read last, by `performance.now()`; before all time if never. */
  lastStaleMs: () => number
  /** The products, with the version of each that was answered last. */
  answered: ReadonlyMap<Uuid, number>
  /** Lets everybody finish; throws what any of them met with. */
  end: () => Promise<void>
}>

type Crowd = Readonly<{ products: number; readersPerReplica: number; writers: number; pauseMs?: number }>

/**
 * Sends readers and writers to all replicas at once. Each reader remembers, before it asks, the version that the last
 * answered write has made: what it is told must not be older. Every 20th write is a deletion, and a new product comes.
 */
export async function startTraffic(desks: readonly Desk[], crowd: Crowd): Promise<Traffic> {
  const answered = new Map<Uuid, number>()
  const answeredMs = new Map<Uuid, number>()
  const forSale: Uuid[] = []
  const busy = new Set<Uuid>()
  const counts = { reads: 0, stale: 0, writes: 0, deletions: 0 }
  let stalestMs = 0
  let lastStaleMs = Number.NEGATIVE_INFINITY
  let isOver = false

  const note = (id: Uuid, version: number) => {
    answered.set(id, version)
    answeredMs.set(id, performance.now())
  }
  const add = async () => {
    const id = await desks[0]!.add()
    note(id, 1)
    forSale.push(id)
  }
  for (let count = 0; count < crowd.products; count++) await add()

  async function read(desk: Desk): Promise<void> {
    while (!isOver) {
      const id = forSale[Math.floor(Math.random() * forSale.length)]!
      const expected = answered.get(id)!
      const sinceMs = answeredMs.get(id)!
      const seen = await desk.version(id)
      counts.reads++
      if (seen < expected) {
        counts.stale++
        lastStaleMs = performance.now()
        stalestMs = Math.max(stalestMs, lastStaleMs - sinceMs)
      }
      // A cache that answers at once would let nobody else have a turn.
      if (counts.reads % 16 === 0) await new Promise(setImmediate)
    }
  }

  async function write(): Promise<void> {
    while (!isOver) {
      const index = Math.floor(Math.random() * forSale.length)
      const id = forSale[index]!
      // One writer to a product at a time, so that it is certain which version was answered last.
      if (busy.has(id)) {
        await new Promise(setImmediate)
        continue
      }
      busy.add(id)
      const desk = desks[counts.writes++ % desks.length]!
      if (counts.writes % 20 === 0) {
        await desk.remove(id)
        note(id, GONE)
        counts.deletions++
        // Readers go on asking for it for a while: what takes its place is another product.
        await add()
        if (forSale.length > 2 * crowd.products) forSale.splice(0, 1)
      } else {
        note(id, await desk.change(id))
        busy.delete(id)
      }
      if (crowd.pauseMs) await Bun.sleep(crowd.pauseMs)
    }
  }

  const people = [
    ...desks.flatMap((desk) => Array.from({ length: crowd.readersPerReplica }, () => read(desk))),
    ...Array.from({ length: crowd.writers }, write),
  ]
  const failed = Promise.all(people)
  failed.catch(() => {
    isOver = true
  })
  return {
    counts,
    stalestMs: () => Math.round(stalestMs),
    lastStaleMs: () => lastStaleMs,
    answered,
    end: async () => {
      isOver = true
      await failed
    },
  }
}
