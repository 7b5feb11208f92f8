import { Compile } from 'typebox/compile'
import type { Contract } from '../../packages/contract/src/contract.ts'
import { isConditional, isWrite, type Operation, pathParameter } from '../../packages/contract/src/operation.ts'
import { includablePaths, PAGE_SIZE } from '../../packages/contract/src/query.ts'
import { submissionOf } from '../../packages/contract/src/submission.ts'
import type { Body } from '../running-shop.ts'
import { type At, addressOf, type BadInput, goodDocument, NOBODY, nobodyAt, type Stocked } from './case.ts'

type Headers = Readonly<Record<string, string | null>>

/** Addresses, parameters and headers that an operation must refuse, whatever its document says. */
export function badRequests(contract: Contract, operation: Operation, stocked: Stocked): BadInput[] {
  const { method } = operation
  const address = addressOf(contract.basePath, operation, stocked)
  const body = bodyOf(contract, operation, stocked)
  const accept: Headers = operation.action === 'stream' ? { Accept: 'text/event-stream' } : {}
  const send = (path: string, changes: Headers = {}, document: Body | undefined = body) => {
    const headers = { ...accept, ...changes }
    return { method, path, headers, ...(document === undefined ? {} : { body: document }) }
  }
  const make = (
    what: string,
    sending: BadInput['sending'],
    statuses: number[],
    at: At,
    isDecided = false,
  ): BadInput => {
    return { operation, what, sending, statuses, at, isDecided }
  }
  const parameter = (what: string, query: string, name: string) =>
    make(what, send(`${address}?${query}`), [400], { parameter: name })
  const header = (name: string, value: string | null, statuses: number[], at: At = { header: name }, text = value) =>
    make(`${name}: ${text?.slice(0, 30)}`, send(address, { [name]: value }), statuses, at)

  const queries = [
    parameter('an unknown parameter', 'colour=green', 'colour'),
    parameter('an unknown parameter, given twice', 'colour=green&colour=red', 'colour'),
    ...['sort', 'filter[sku]', 'fields[products]', '__proto__', 'page', 'page[limit]', 'Page[size]'].map((name) =>
      parameter(name, `${encodeURIComponent(name)}=name`, name),
    ),
    ...(operation.action === 'list'
      ? badPages(parameter)
      : [parameter('a page of what is none', 'page[size]=5', 'page[size]')]),
    ...badIncludes(parameter, includablePaths(contract, operation)),
    ...badFilters(parameter, operation),
    ...badParameters(parameter, operation),
    ...['%', '%zz', 'a=%ff', '%c3%28=1'].map((query) => make(`?${query}`, send(`${address}?${query}`), [400], {})),
  ]
  const headers = [
    ...[null, '', 'open sesame', 'x'.repeat(5_000)].map((key) => header('X-API-Key', key, [401], {})),
    ...['text/html', 'application/json', `${'application/vnd.api+json'};charset=utf-8`, '*/*;q=0'].map((accept) =>
      header('Accept', accept, [406]),
    ),
  ]
  if (isWrite(operation)) {
    headers.push(...['', 'x'.repeat(256), 'clé', 'a\tb'].map((key) => header('Idempotency-Key', key, [400])))
  }
  if (body !== undefined) {
    const types = [
      null,
      'application/json',
      'text/plain',
      'application/vnd.api+json; charset=utf-8',
      'application/vnd.api+json; ext="x"',
      '',
    ]
    headers.push(
      ...types.map((type) =>
        make(`Content-Type: ${type}`, send(address, { 'Content-Type': type }, bytes(body)), [415], {
          header: 'Content-Type',
        }),
      ),
    )
    headers.push(make('a stream without an end in sight', send(address, {}, endless()), [413], {}))
  }
  if (operation.action === 'act' && !isConditional(operation)) {
    headers.push(...['"1"', '*', 'nonsense', ''].map((tag) => header('If-Match', tag, [400])))
  }
  if (isConditional(operation)) {
    headers.push(...['5', 'x"5"', '', '"5" "6"', '"a b"'].map((tag) => header('If-Match', tag, [400])))
    headers.push(
      ...['W/"1"', '"nonsense"', '"99999999999999999999"', '"-1"'].map((tag) => header('If-Match', tag, [412])),
    )
    headers.push({ ...header('If-Match', '"9007199254740991"', [412]), isDecided: true })
  }
  return [...queries, ...headers, ...badAddresses(contract, operation, stocked, make, send)]
}

type Parameter = (what: string, query: string, name: string) => BadInput

function badPages(parameter: Parameter): BadInput[] {
  const sizes = [
    '0',
    '-1',
    'abc',
    String(PAGE_SIZE.max + 1),
    '1e18',
    '1000000000000000000',
    '1.5',
    '',
    '%205',
    '0x10',
    'null',
    '1%00',
  ]
  const cursors = ['', 'abc', '!!', '%00', 'bnVsbA', Buffer.from('not an id').toString('base64url'), 'x'.repeat(10_000)]
  const cursor = Buffer.from(NOBODY).toString('base64url')
  return [
    ...sizes.map((size) => parameter(`page[size]=${size}`, `page[size]=${size}`, 'page[size]')),
    ...['page[after]', 'page[before]'].flatMap((name) => [
      ...cursors.map((text) => parameter(`${name}=${text.slice(0, 20)}`, `${name}=${text}`, name)),
      parameter(`${name} twice`, `${name}=${cursor}&${name}=${cursor}`, name),
    ]),
    parameter('page[size] twice', 'page[size]=5&page[size]=5', 'page[size]'),
    parameter('page[size] twice, in two spellings', 'page[size]=5&page%5Bsize%5D=5', 'page[size]'),
    parameter('both cursors', `page[after]=${cursor}&page[before]=${cursor}`, 'page[before]'),
  ]
}

function badIncludes(parameter: Parameter, includable: readonly string[]): BadInput[] {
  const [first] = includable
  const paths = ['nobody', '__proto__', 'constructor', 'toString']
  if (first === undefined) paths.push('')
  else paths.push(`${first},nobody`, `${first}.${first}`, ` ${first}`, ',', first.toUpperCase())
  return paths.map((path) => parameter(`include=${path}`, `include=${encodeURIComponent(path)}`, 'include'))
}

/** What might be taken for a value; where a filter takes one of them, the others remain. */
const VALUES = [
  '',
  ',',
  `${NOBODY},`,
  'lamp',
  NOBODY.toUpperCase(),
  ` ${NOBODY}`,
  `${NOBODY}\0`,
  '*',
  'null',
  ' padded',
]
const MOMENTS = ['noon', '2026-01-31', '2026-02-30T09:30:00Z', '0000-01-31T09:30:00Z', '2026-01-31T09:30:00+23:00']
const MORE_VALUES = [...MOMENTS, 'x'.repeat(256), 'sale,', 'SALE', 'held,lost']

function badFilters(parameter: Parameter, { filters = {} }: Operation): BadInput[] {
  const unknown = filters.id === undefined ? [parameter('filter[id]', `filter[id]=${NOBODY}`, 'filter[id]')] : []
  const known = Object.entries(filters).flatMap(([name, { schema, maxValues, example }]) => {
    const key = `filter[${name}]`
    const validator = Compile(schema)
    const isTaken = (text: string) =>
      !text.includes('\0') && (maxValues === 1 ? [text] : text.split(',')).every((value) => validator.Check(value))
    const wrong = [...VALUES, ...MORE_VALUES].filter((text) => !isTaken(text))
    const tooMany = Array(maxValues + 1)
      .fill(example)
      .join()
    return [
      ...wrong.map((value) => {
        return parameter(`${key}=${value.slice(0, 40)}`, `${key}=${encodeURIComponent(value)}`, key)
      }),
      ...(isTaken(tooMany) && maxValues === 1 ? [] : [parameter(`${key} with too many`, `${key}=${tooMany}`, key)]),
      parameter(`${key} twice`, `${key}=${example}&${encodeURIComponent(key)}=${example}`, key),
    ]
  })
  return [...unknown, ...known]
}

function badParameters(parameter: Parameter, { parameters = {} }: Operation): BadInput[] {
  if (parameters.asOf === undefined) return [parameter('asOf', 'asOf=2026-01-31T09:30:00Z', 'asOf')]
  return Object.entries(parameters).flatMap(([name, { example }]) => [
    ...[...VALUES, ...MOMENTS].map((value) =>
      parameter(`${name}=${value}`, `${name}=${encodeURIComponent(value)}`, name),
    ),
    parameter(`${name} twice`, `${name}=${example}&${name}=${example}`, name),
    parameter(`${name} in another case`, `${name.toUpperCase()}=${example}`, name.toUpperCase()),
  ])
}

function badAddresses(
  contract: Contract,
  operation: Operation,
  stocked: Stocked,
  make: (what: string, sending: BadInput['sending'], statuses: number[], at: At, isDecided?: boolean) => BadInput,
  send: (path: string) => BadInput['sending'],
): BadInput[] {
  const address = addressOf(contract.basePath, operation, stocked)
  const others = [send(`${address}/`), send(`${address}/nobody`), send(`${address}%2Fnobody`)]
  const wrong = others.map((sending) => make(`the address ${sending.path}`, sending, [404, 405], {}))
  wrong.push(make('another method', { method: 'PUT', path: address }, [405], {}))
  if (pathParameter(operation.path) === undefined) return wrong
  const at = (id: string) => contract.basePath + operation.path.replace(/\{\w+\}/, id)
  const ids = [
    'lamp',
    '1',
    'null',
    '__proto__',
    NOBODY.toUpperCase(),
    `${NOBODY}0`,
    `%20${NOBODY}`,
    '%00',
    '%2e%2e%2f',
    "'%20OR%201=1",
    'x'.repeat(5_000),
  ]
  return [
    ...wrong,
    ...ids.map((id) => make(`the id ${id.slice(0, 20)}`, send(at(id)), [404], {})),
    ...['%', '%zz', '%ff'].map((id) => make(`the id ${id}`, send(at(id)), [400], {})),
    make(
      'nobody',
      { ...send(at(nobodyAt(contract, operation))), ...aboutNobody(contract, operation, stocked) },
      [404],
      {},
      isWrite(operation),
    ),
  ]
}

/** A document that is as it should be, so that what is wrong is the rest. */
function bodyOf(contract: Contract, operation: Operation, stocked: Stocked): string | undefined {
  const submission = submissionOf(contract, operation)
  return submission && JSON.stringify(goodDocument(submission, stocked))
}

/** What updates something names it; here it is what the address names, too. */
function aboutNobody(contract: Contract, operation: Operation, stocked: Stocked): { body?: string } {
  const body = bodyOf(contract, operation, stocked)
  if (body === undefined || operation.action !== 'update') return body === undefined ? {} : { body }
  const document = JSON.parse(body)
  return { body: JSON.stringify({ data: { ...document.data, id: nobodyAt(contract, operation) } }) }
}

/** As bytes, because `fetch` gives a text a Content-Type of its own. */
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** Two megabytes that do not say beforehand how many they are. */
const endless = (): ReadableStream<Uint8Array<ArrayBuffer>> => {
  let left = 32
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array(65_536).fill(0x20))
      else controller.close()
    },
  })
}
