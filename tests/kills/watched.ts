import type { Answer, Till } from './till.ts'

/** Tills that are watched for the first write which was asked for from a moment on and acknowledged. */
export function watched() {
  let waiting: Readonly<{ since: number; resolve: (ms: number) => void }> | undefined

  const noting = async (asked: Promise<Answer>): Promise<Answer> => {
    const began = performance.now()
    const answer = await asked
    if (answer.ok && waiting && began >= waiting.since) {
      waiting.resolve(performance.now() - waiting.since)
      waiting = undefined
    }
    return answer
  }
  return {
    watch: (till: Till): Till => ({
      ...till,
      sell: (...asked) => noting(till.sell(...asked)),
      adjust: (...asked) => noting(till.adjust(...asked)),
      reserve: (...asked) => noting(till.reserve(...asked)),
      act: (...asked) => noting(till.act(...asked)),
    }),
    /** Resolves at the first write that is asked for from now on, with the milliseconds until it was acknowledged. */
    again: () => {
      const { promise, resolve } = Promise.withResolvers<number>()
      waiting = { since: performance.now(), resolve }
      return promise
    },
  }
}

/**
 * A commit that waits for the other servers when its own dies has taken effect, and nobody is told: the service asks
 * again under the same operation, and hands on what it finds as what had been decided before. To its customer it was the
 * first time.
 */
export const isOwnReplay = (what: string): boolean => what.endsWith('was a replay of nothing')
