import { cursorIn, readMany } from './document.ts'
import type { Filtered, ListOptions } from './options.ts'
import { pathWith, type Service, type Transport } from './transport.ts'

/** One page of a list. */
export type Page<T> = Readonly<{
  /** What stands on it, in the order of the list. */
  items: readonly T[]
  /** The cursor of the next page (give it as `after`), or `null` on the last. */
  after: string | null
  /** The cursor of the page before (give it as `before`), or `null` on the first. */
  before: string | null
  /** Fetches the next page; `null` on the last. */
  next: () => Promise<Page<T> | null>
  /** Fetches the page before; `null` on the first. */
  previous: () => Promise<Page<T> | null>
}>

/** Any list's options, whatever it can include. */
export type AnyListOptions = Filtered<
  ListOptions<Record<string, unknown>, readonly string[]>,
  Readonly<Record<string, string | readonly string[] | undefined>>
>

const NOTHING: Page<never> = {
  items: [],
  after: null,
  before: null,
  next: async () => null,
  previous: async () => null,
}

/**
 * A list that has not been fetched yet. Walk it with `for await`, which fetches page after page, or take one page.
 *
 * ```ts
 * for await (const product of abasto.products.list()) console.log(product.sku)
 *
 * const page = await abasto.products.list({ pageSize: 100 }).page()
 * ```
 */
export class Listing<T> implements AsyncIterable<T> {
  readonly #transport: Transport
  readonly #service: Service
  readonly #path: string
  readonly #options: AnyListOptions

  constructor(transport: Transport, service: Service, path: string, options: AnyListOptions = {}) {
    this.#transport = transport
    this.#service = service
    this.#path = path
    this.#options = options
  }

  /** Fetches one page: the first, or the one at `after` or `before`. */
  page(): Promise<Page<T>> {
    return this.#fetch(this.#options)
  }

  /** Walks over every item of every page; whoever stops early fetches no further page. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let page: Page<T> | null = await this.page(); page; page = await page.next()) yield* page.items
  }

  async #fetch(options: AnyListOptions): Promise<Page<T>> {
    const { include, pageSize, after, before, filter = {} } = options
    // Who asks for one of none has the answer already.
    if (Object.values(filter).some((values) => Array.isArray(values) && values.length === 0)) return NOTHING
    const path = pathWith(this.#path, {
      ...Object.fromEntries(Object.entries(filter).map(([name, values]) => [`filter[${name}]`, values])),
      include: include?.join(',') || undefined,
      'page[size]': pageSize,
      'page[after]': after,
      'page[before]': before,
    })
    const { document } = await this.#transport.read(this.#service, path, 'many', options)
    const next = cursorIn(document, 'next')
    const previous = cursorIn(document, 'prev')
    const { after: _after, before: _before, ...rest } = options
    return {
      items: readMany<T>(document, include),
      after: next,
      before: previous,
      next: async () => (next === null ? null : this.#fetch({ ...rest, after: next })),
      previous: async () => (previous === null ? null : this.#fetch({ ...rest, before: previous })),
    }
  }
}
