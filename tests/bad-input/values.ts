import type { Attribute } from '../../packages/contract/src/resource.ts'

/** A value as it stands in the document, so that numbers can be written as no program would print them. */
export type BadValue = Readonly<{ json: string; statuses: readonly number[]; inside?: string; isDecided?: boolean }>

type Schema = Readonly<{
  type: string
  enum?: unknown[]
  minLength?: number
  maxLength?: number
  pattern?: string
  minimum?: number
  maximum?: number
  maxItems?: number
  not?: { const: unknown }
  items?: Schema
}>

const OF_EACH_KIND: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'true',
  number: '7',
  string: '"seven"',
  array: '[]',
  object: '{}',
}

/** Values that an attribute must refuse, made from its schema. */
export function badValues({ schema }: Pick<Attribute, 'schema'>): BadValue[] {
  const own = schema as unknown as Schema
  const kind = own.type === 'integer' ? 'number' : own.type
  const wrongKinds = Object.entries(OF_EACH_KIND).filter(([name]) => name !== kind)
  return [
    ...wrongKinds.map(([, json]) => ({ json, statuses: [400] })),
    ...(own.type === 'string' ? badTexts(own) : []),
    ...(own.type === 'integer' ? badNumbers(own) : []),
    ...(own.type === 'array' ? badItems(own) : []),
  ]
}

function badTexts({ pattern, minLength = 0, maxLength, enum: known }: Schema): BadValue[] {
  const takes = (text: string) =>
    text.length >= minLength &&
    text.length <= (maxLength ?? Number.POSITIVE_INFINITY) &&
    (pattern === undefined || new RegExp(pattern).test(text)) &&
    (known === undefined || known.includes(text))
  const texts = ['', ' ', ' padded ', 'two\nlines', 'x'.repeat(10_001), '1e3', '-1', '1e400', '12.34567', '01.5', '1,5']
  const more = ['NaN', '.5', '5.', '0x10', '１２', '9999999999999999.99', 'eur', 'EURO', 'nonsense']
  return [
    ...[...texts, ...more]
      .filter((text) => !takes(text))
      .map((text) => ({ json: JSON.stringify(text), statuses: [422] })),
    // NUL and half a surrogate pair, which no database takes. They can only be written as escapes.
    ...['"a\\u0000b"', '"a\\ud800b"', '"\\udc00"'].map((json) => ({ json, statuses: [422] })),
  ]
}

function badNumbers({ minimum = -Infinity, maximum = Infinity, not }: Schema): BadValue[] {
  // 2^53 + 1 and its fraction are read as other numbers by any program that does not look twice.
  const never = ['1.5', '9007199254740993', '9007199254740991.4', '1e400', '-1e400', '1e-7', '1.0000000000000000001']
  const perhaps = ['-1', '0', '9007199254740992', '-9007199254740992', '1e16', '18446744073709551616']
  const isTaken = (json: string) => Number(json) >= minimum && Number(json) <= maximum && Number(json) !== not?.const
  return [...never, ...perhaps.filter((json) => !isTaken(json))].map((json) => ({ json, statuses: [422] }))
}

function badItems({ items, maxItems }: Schema): BadValue[] {
  const inItem = items ? badValues({ schema: items as unknown as Attribute['schema'] }) : []
  return [
    ...inItem.map(({ json, statuses }) => ({ json: `[${json}]`, statuses, inside: '/0' })),
    ...(maxItems === undefined
      ? []
      : [{ json: JSON.stringify(Array(maxItems + 1).fill('https://example.com/a.jpg')), statuses: [422] }]),
  ]
}

const decided = (statuses: readonly number[], ...values: string[]): BadValue[] =>
  values.map((json) => ({ json, statuses, isDecided: true }))

/** What only the rules of a service can refuse, because the schema alone does not know: by type and attribute. */
export const decidedValues: Readonly<Record<string, readonly BadValue[]>> = {
  'products.sku': decided([409], '"LAMP-B"'),
  'products.price': decided([422], '"12.345"', '"12.5000"'),
  'products.currency': decided([422], '"XXX"', '"ZZZ"', '"JPY"'),
  'inventory.reason': decided([422], '"damage"', '"loss"'),
  // More than is there, and a sum beyond 2^53.
  'inventory.quantityDelta': [...decided([409], '-1000'), ...decided([422], '9007199254740991')],
  // More than is there, and a total beyond 2^53 cents.
  'purchases.quantity': [...decided([409], '1000'), ...decided([422], '9007199254740991')],
}
