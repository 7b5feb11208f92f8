/**
 * Sends numbered commands: each queue strictly in order, the next one only once the one before was answered; over all
 * queues the lowest number that may be sent first, at most `width` under way.
 *
 * So the year runs in the order of the file, and a product that sells every day is never left to be the last.
 * The first failure, or the signal, stops it: what is under way is waited for, nothing more is sent.
 */
export function sendInOrder(input: {
  count: number
  /** The queue of each command, numbered from 0. */
  queueOf: Int32Array
  width: number
  send: (command: number) => Promise<void>
  signal?: AbortSignal
}): Promise<void> {
  const { count, queueOf, width, send, signal } = input
  const { next, heads } = chains(count, queueOf)
  const ready = lowestFirst(heads)
  let underWay = 0
  let failure: { cause: unknown } | undefined

  return new Promise((resolve, reject) => {
    const answered = (command: number) => {
      underWay--
      const follower = next[command] as number
      if (follower !== NONE) ready.push(follower)
      pump()
    }
    const failed = (cause: unknown) => {
      underWay--
      failure ??= { cause }
      pump()
    }
    const pump = () => {
      while (underWay < width && ready.size() > 0 && !failure && !signal?.aborted) {
        const command = ready.pop()
        underWay++
        send(command).then(() => answered(command), failed)
      }
      if (underWay > 0) return
      if (failure) reject(failure.cause)
      else resolve()
    }
    pump()
  })
}

const NONE = -1

/** For each command the next one of its queue, and the first command of every queue. */
function chains(count: number, queueOf: Int32Array): { next: Int32Array; heads: number[] } {
  const next = new Int32Array(count).fill(NONE)
  const heads = new Map<number, number>()
  for (let command = count - 1; command >= 0; command--) {
    const queue = queueOf[command] as number
    next[command] = heads.get(queue) ?? NONE
    heads.set(queue, command)
  }
  return { next, heads: [...heads.values()] }
}

/** A binary heap: the lowest number is taken first. */
function lowestFirst(initial: readonly number[]) {
  // Ascending order is a heap already.
  const heap = [...initial].sort((a, b) => a - b)
  return {
    size: () => heap.length,
    push(value: number): void {
      let at = heap.length
      heap.push(value)
      while (at > 0) {
        const parent = (at - 1) >> 1
        if ((heap[parent] as number) <= value) break
        heap[at] = heap[parent] as number
        at = parent
      }
      heap[at] = value
    },
    pop(): number {
      const lowest = heap[0] as number
      const value = heap.pop() as number
      const size = heap.length
      let at = 0
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && (heap[child + 1] as number) < (heap[child] as number)) child++
        if ((heap[child] as number) >= value) break
        heap[at] = heap[child] as number
        at = child
      }
      if (size > 0) heap[at] = value
      return lowest
    },
  }
}
