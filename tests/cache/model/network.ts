/**
 * Something that was asked for and has not been answered: it takes effect in one step of the world, and is answered in
 * another. Whoever asked may have given up long before, or be dead.
 */
export type Asked = {
  readonly by: number
  readonly to: 'Redis' | 'database' | 'clock'
  readonly what: string
  /** It tells Redis of a write. */
  readonly isNews: boolean
  hasTakenEffect: boolean
  isGivenUp: boolean
  readonly takeEffect: () => Promise<void> | undefined
  /** Hands over what came of it. */
  readonly answer: () => void
  /** Says that nothing came, where that is an answer too. */
  readonly giveUp: (reason: 'timeout' | 'away') => void
}

type Question<T> = Readonly<{
  by: number
  to: Asked['to']
  what: string
  isNews?: boolean
  effect: () => T | Promise<T>
  /** What whoever asked is told when nothing comes; without it, they wait for ever. */
  otherwise?: (reason: 'timeout' | 'away') => T
}>

/** Everything that is on its way, and every wait. */
export function createNetwork() {
  const asked: Asked[] = []
  const waits: Asked[] = []

  function ask<T>({ by, to, what, isNews = false, effect, otherwise }: Question<T>): Promise<T> {
    return new Promise((resolve) => {
      let result: T
      const one: Asked = {
        by,
        to,
        what,
        isNews,
        hasTakenEffect: to === 'clock',
        isGivenUp: false,
        takeEffect: () => {
          one.hasTakenEffect = true
          const made = effect()
          if (!(made instanceof Promise)) {
            result = made
            return undefined
          }
          return made.then((value) => {
            result = value
          })
        },
        answer: () => {
          remove(one)
          resolve(result)
        },
        giveUp: (reason) => {
          one.isGivenUp = true
          if (one.hasTakenEffect) remove(one)
          if (otherwise) resolve(otherwise(reason))
        },
      }
      const list = listOf(one)
      list.push(one)
    })
  }

  function remove(one: Asked): void {
    const list = listOf(one)
    const index = list.indexOf(one)
    if (index >= 0) list.splice(index, 1)
  }

  // Long waits in the background are no part of the traffic: nobody stands before them.
  const listOf = ({ what }: Asked) => (what === 'pause' || what === 'patience' ? waits : asked)

  return { asked: asked as readonly Asked[], waits: waits as readonly Asked[], ask, remove }
}

export type Network = ReturnType<typeof createNetwork>
