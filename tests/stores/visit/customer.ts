import type { Answer, RunningShop } from '../../running-shop.ts'
import { plain } from './plain.ts'

/** What was asked, in a line, and what came back, without what no two shops can have in common. */
export type Page = Readonly<{ asked: string; answered: unknown }>

type Headers = Readonly<Record<string, string>>

/** Somebody who asks a shop one thing after the other and writes down every answer. */
export type Customer = Readonly<{
  pages: readonly Page[]
  get: (path: string, headers?: Headers) => Promise<Answer>
  /** Sends a document with this `data`, or none. */
  send: (method: 'POST' | 'PATCH' | 'DELETE', path: string, data?: object, headers?: Headers) => Promise<Answer>
  /** Reads a list to its end and back again, so many at a time. */
  leaf: (path: string, size: number) => Promise<void>
  /** Asks without writing it down. */
  peek: (path: string) => Promise<Answer>
}>

/** Long enough that no two writes happen in the same millisecond in one shop and in two of them in another. */
const PAUSE_MS = 2

export function customerOf(shop: RunningShop): Customer {
  const pages: Page[] = []
  const told = plain()

  async function ask(method: string, path: string, data?: object, headers: Headers = {}): Promise<Answer> {
    const body = data === undefined ? {} : { body: JSON.stringify({ data }) }
    const answer = await shop.send({ method, path: `/api/v1${path}`, headers, ...body })
    const asked = [method, path, JSON.stringify(headers), JSON.stringify(data) ?? ''].join(' ')
    pages.push({ asked: told.text(asked).slice(0, 500), answered: told.answer(answer) })
    return answer
  }

  return {
    pages,
    get: (path, headers) => ask('GET', path, undefined, headers),
    send: async (method, path, data, headers) => {
      const answer = await ask(method, path, data, headers)
      await Bun.sleep(PAUSE_MS)
      return answer
    },
    leaf: async (path, size) => {
      const first = `${path}${path.includes('?') ? '&' : '?'}page[size]=${size}`
      let last = first
      for (let next: string | null = first; next !== null; ) {
        last = next
        next = onward((await ask('GET', next)).document?.links?.next)
      }
      for (let previous: string | null = last; previous !== null; ) {
        previous = onward((await ask('GET', previous)).document?.links?.prev)
      }
    },
    peek: (path) => shop.send({ method: 'GET', path: `/api/v1${path}` }),
  }
}

/** Where a link leads, below the address of the API. */
const onward = (link: string | null | undefined): string | null => link?.replace('/api/v1', '') ?? null
