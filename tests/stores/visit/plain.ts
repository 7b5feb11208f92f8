import type { Answer } from '../../running-shop.ts'

/** Up to its milliseconds; how exact it is beyond them, and from where it is seen, is left to be compared. */
const MOMENT = /\d{4}-\d\d-\d\dT\d\d(?::|%3A)\d\d(?::|%3A)\d\d\.\d{3}/g
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi
const CURSOR = /(page(?:\[|%5B)(?:after|before)(?:\]|%5D)=)[\w.~%-]+/gi

/** These say when and by whom a request was answered, and how long that took. */
const OF_THE_MOMENT = ['date', 'x-request-id', 'traceparent', 'server-timing', 'content-length']

export type Plain = Readonly<{ text: (text: string) => string; answer: (answer: Answer) => unknown }>

/**
 * Takes out of answers what is different in every shop: ids become the order in which they were met, and moments and cursors
 * a word. Everything else stays.
 */
export function plain(): Plain {
  const met = new Map<string, string>()
  const nameOf = (id: string): string => {
    const name = met.get(id) ?? `#${met.size + 1}`
    met.set(id, name)
    return name
  }
  const text = (text: string) => text.replace(CURSOR, '$1<cursor>').replace(ID, nameOf).replace(MOMENT, '<moment>')
  return {
    text,
    answer: ({ status, headers, document }) => {
      const kept = [...headers].filter(([name]) => !OF_THE_MOMENT.includes(name)).toSorted()
      return JSON.parse(text(JSON.stringify({ status, headers: Object.fromEntries(kept), document })))
    },
  }
}
