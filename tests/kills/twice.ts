import { type Answer, NoAnswer, type Till } from './till.ts'

/**
 * A till at which one in ten writes is sent twice at the same time under its key, to two processes of one shop. Both must
 * give the same verdict, and one at most may say that it was the first; what is otherwise is handed to `tell`.
 */
export function twiceAt([one, other]: readonly [Till, Till], tell: (wrong: string) => void): Till {
  const send = async (ask: (till: Till) => Promise<Answer>): Promise<Answer> => {
    if (Math.random() >= 0.1) return ask(one)
    const both = await Promise.allSettled([ask(one), ask(other)])
    const answers = both.flatMap((answered) => {
      if (answered.status === 'fulfilled') return answered.value
      if (!(answered.reason instanceof NoAnswer)) throw answered.reason
      return []
    })
    const [first, second] = answers
    if (!first) throw new NoAnswer('neither was answered')
    if (second) {
      if (nameOf(first) !== nameOf(second)) tell(`sent twice: ${nameOf(first)}, ${nameOf(second)}`)
      if (first.ok && second.ok && !first.isReplay && !second.isReplay) tell(`${nameOf(first)} was decided twice`)
    }
    // Which of the two took effect is not the customer's concern.
    return first.ok ? { ...first, isReplay: false } : first
  }
  return {
    ...one,
    sell: (...asked) => send((till) => till.sell(...asked)),
    adjust: (...asked) => send((till) => till.adjust(...asked)),
    reserve: (...asked) => send((till) => till.reserve(...asked)),
    act: (...asked) => send((till) => till.act(...asked)),
  }
}

const nameOf = (answer: Answer): string => (answer.ok ? `${answer.id} ${answer.status}` : answer.code)
