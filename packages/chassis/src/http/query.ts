import { PAGE_SIZE } from '@abasto/contract/query'
import { ok, type PageRequest } from '@abasto/kernel'
import { decodeCursor } from './cursor.ts'
import type { Refusal } from './refusal.ts'

/** What the query of a request asks for. */
export type Query = Readonly<{
  page: PageRequest
  include: readonly string[]
  /** Whether `include` was sent at all: then the document has `included`, even when it is empty. */
  includes: boolean
  /** The values of each filter that was sent, each of them once. */
  filters: Readonly<Record<string, readonly string[]>>
  /** The operation's own parameters, as they were sent. */
  parameters: Readonly<Record<string, string>>
}>

/** Which parameters an operation takes. */
export type QueryRules = Readonly<{
  paged: boolean
  includable: readonly string[]
  filters: Readonly<Record<string, FilterRule>>
  /** Those of the operation's own, with what their values must be. */
  parameters: Readonly<Record<string, (text: string) => boolean>>
}>

export type FilterRule = Readonly<{ isValue: (text: string) => boolean; maxValues: number }>

export const NO_QUERY: Query = {
  page: { size: PAGE_SIZE.default },
  include: [],
  includes: false,
  filters: {},
  parameters: {},
}

const PROFILE = 'https://jsonapi.org/profiles/ethanresnick/cursor-pagination'

type Read = Readonly<{ ok: true; value: Query }> | Readonly<{ ok: false; error: Refusal[] }>

/** Reads the part of the address after `?`. Whatever is not known, repeated or out of range is refused by name. */
export function readQuery(search: string, rules: QueryRules): Read {
  const pairs = decodeForm(search)
  if (pairs === null) return refuse([malformed])
  const refusals: Refusal[] = []
  const seen = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (seen.has(name)) refusals.push(parameter(name, `The parameter ${name} is given more than once.`))
    else if (!isKnown(name, rules)) refusals.push(parameter(name, unknown(name)))
    seen.set(name, value)
  }
  if (refusals.length > 0) return refuse(refusals)

  const size = readSize(seen.get('page[size]'), refusals)
  const after = readCursor('page[after]', seen.get('page[after]'), refusals)
  const before = readCursor('page[before]', seen.get('page[before]'), refusals)
  const include = readInclude(seen.get('include'), rules, refusals)
  const filters = readFilters(seen, rules, refusals)
  const parameters = readParameters(seen, rules, refusals)
  if (after !== undefined && before !== undefined) {
    const detail = 'Give page[after] or page[before], not both.'
    refusals.push({ ...parameter('page[before]', detail), type: `${PROFILE}/range-pagination-not-supported` })
  }
  if (refusals.length > 0) return refuse(refusals)
  const page = { size, ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) }
  return ok({ page, include, includes: seen.has('include'), filters, parameters })
}

const PAGE_PARAMETERS = ['page[size]', 'page[after]', 'page[before]']

const isKnown = (name: string, rules: QueryRules): boolean =>
  (rules.paged && PAGE_PARAMETERS.includes(name)) ||
  (name === 'include' && rules.includable.length > 0) ||
  filterRule(name, rules) !== undefined ||
  Object.hasOwn(rules.parameters, name)

function filterRule(name: string, { filters }: QueryRules): FilterRule | undefined {
  const [, member = ''] = FILTER.exec(name) ?? []
  return Object.hasOwn(filters, member) ? filters[member] : undefined
}

const FILTER = /^filter\[(\w+)\]$/

function unknown(name: string): string {
  const family = /^(sort|filter|fields)(\[|$)/.exec(name)?.[1]
  if (family) return `${name} is not supported here.`
  return `This address does not take the parameter ${name}.`
}

function readSize(text: string | undefined, refusals: Refusal[]): number {
  if (text === undefined) return PAGE_SIZE.default
  const size = Number(text)
  if (!/^[0-9]+$/.test(text) || size === 0) {
    refusals.push(parameter('page[size]', 'page[size] is a whole number above 0.'))
  } else if (size > PAGE_SIZE.max) {
    refusals.push({
      ...parameter('page[size]', `page[size] is at most ${PAGE_SIZE.max}.`),
      meta: { page: { maxSize: PAGE_SIZE.max } },
      type: `${PROFILE}/max-size-exceeded`,
    })
  }
  return size
}

function readCursor(name: string, text: string | undefined, refusals: Refusal[]): string | undefined {
  if (text === undefined) return undefined
  const cursor = decodeCursor(text)
  if (cursor !== null) return cursor
  const detail = `${name} is not a cursor of this list; take it from the links of a page.`
  refusals.push({ code: 'invalid_cursor', detail, source: { parameter: name } })
  return undefined
}

function readInclude(text: string | undefined, rules: QueryRules, refusals: Refusal[]): string[] {
  if (text === undefined || text === '') return []
  const paths = [...new Set(text.split(','))]
  for (const path of paths.filter((path) => !rules.includable.includes(path))) {
    refusals.push(parameter('include', `"${path}" cannot be included; ${rules.includable.join(', ')} can.`))
  }
  return paths
}

/** No database takes it, whatever shape a text may have otherwise. */
const NUL = '\0'

/** The filters that were sent. A repeated value asks for nothing more, so it is counted and then dropped. */
function readFilters(
  seen: ReadonlyMap<string, string>,
  rules: QueryRules,
  refusals: Refusal[],
): Readonly<Record<string, readonly string[]>> {
  const filters: Record<string, readonly string[]> = {}
  for (const [name, { isValue, maxValues }] of Object.entries(rules.filters)) {
    const key = `filter[${name}]`
    const text = seen.get(key)
    if (text === undefined) continue
    // What takes one value takes it whole: a text of the shop's own may hold commas.
    const values = maxValues === 1 ? [text] : text.split(',')
    const wrong = values.find((value) => value.includes(NUL) || !isValue(value))
    if (values.length > maxValues) refusals.push(parameter(key, `${key} takes at most ${maxValues} values.`))
    else if (wrong !== undefined) refusals.push(parameter(key, `${JSON.stringify(wrong)} is no value of ${key}.`))
    filters[name] = [...new Set(values)]
  }
  return filters
}

function readParameters(
  seen: ReadonlyMap<string, string>,
  rules: QueryRules,
  refusals: Refusal[],
): Readonly<Record<string, string>> {
  const parameters: Record<string, string> = {}
  for (const [name, isValue] of Object.entries(rules.parameters)) {
    const text = seen.get(name)
    if (text === undefined) continue
    if (text.includes(NUL) || !isValue(text)) {
      refusals.push(parameter(name, `${JSON.stringify(text.slice(0, 64))} is no value of ${name}.`))
    }
    parameters[name] = text
  }
  return parameters
}

const refuse = (error: Refusal[]): Read => ({ ok: false, error })

const parameter = (name: string, detail: string): Refusal => ({
  code: 'invalid_parameter',
  detail,
  source: { parameter: name },
})

const malformed: Refusal = {
  code: 'invalid_parameter',
  detail: 'The query is not well-formed: a "%" must begin the two hexadecimal digits of a byte of UTF-8.',
}

/** The WHATWG form decoding, except that a broken percent sign is refused instead of being taken as it stands. */
function decodeForm(search: string): [name: string, value: string][] | null {
  const pairs: [string, string][] = []
  for (const pair of search.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodePercent((equals < 0 ? pair : pair.slice(0, equals)).replaceAll('+', ' '))
    const value = decodePercent(equals < 0 ? '' : pair.slice(equals + 1).replaceAll('+', ' '))
    if (name === null || value === null) return null
    pairs.push([name, value])
  }
  return pairs
}

/** Percent-decoded text, or null when it is not UTF-8 or not percent-encoding. */
export function decodePercent(text: string): string | null {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
