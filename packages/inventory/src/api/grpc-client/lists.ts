import { ok, type Page, type PageRequest, type Result, readPage } from '@abasto/kernel'

/** Whether a list is asked for what has one of no values. A message could not tell that from a list of everything. */
export const isOfNothing = (filter: Readonly<Record<string, unknown>>): boolean =>
  Object.values(filter).some((values) => Array.isArray(values) && values.length === 0)

/** The answer to it, whatever there is. */
export const nothing = async (page: PageRequest): Promise<Result<Page<never>>> =>
  ok(await readPage(page, async () => []))
