import { exampleId } from '../../packages/contract/src/example-id.ts'
import type { Attribute } from '../../packages/contract/src/resource.ts'
import { NOBODY } from './case.ts'

/** A value as it stands in the document, so that numbers can be written as no program would print them. */
export type BadValue = Readonly<{ json: string; statuses: readonly number[]; inside?: string; isDecided?: boolean }>

type Schema = Readonly<{
  type: string | readonly string[]
  enum?: unknown[]
  minLength?: number
  maxLength?: number
  pattern?: string
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  properties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
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
export function badValues({ schema, example }: Pick<Attribute, 'schema' | 'example'>): BadValue[] {
  const own = schema as unknown as Schema
  const types = [own.type].flat()
  const kinds = types.map((type) => (type === 'integer' ? 'number' : type))
  const wrongKinds = Object.entries(OF_EACH_KIND).filter(([name]) => !kinds.includes(name))
  return [
    ...wrongKinds.map(([, json]) => ({ json, statuses: [400] })),
    ...(types.includes('string') ? badTexts(own) : []),
    ...(types.includes('integer') ? badNumbers(own) : []),
    ...(types.includes('array') ? badItems(own, example as readonly unknown[]) : []),
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

function badItems({ items, minItems = 0, maxItems }: Schema, example: readonly unknown[]): BadValue[] {
  const [item] = example
  const inItem = items?.properties
    ? badMembers(items, item as Readonly<Record<string, unknown>>)
    : items
      ? badValues({ schema: items as unknown as Attribute['schema'], example: item })
      : []
  return [
    ...inItem.map(({ json, statuses, inside = '' }) => ({ json: `[${json}]`, statuses, inside: `/0${inside}` })),
    ...(minItems > 0 ? [{ json: '[]', statuses: [422] }] : []),
    ...(maxItems === undefined ? [] : [{ json: JSON.stringify(Array(maxItems + 1).fill(item)), statuses: [422] }]),
  ]
}

/** An object in which each member in turn is bent, is missing, or is one too many. */
function badMembers({ properties = {}, required = [] }: Schema, good: Readonly<Record<string, unknown>>): BadValue[] {
  const bent = (name: string, json: string) => JSON.stringify({ ...good, [name]: 'BENT' }).replace('"BENT"', () => json)
  return [
    ...Object.entries(properties).flatMap(([name, schema]) =>
      badValues({ schema: schema as unknown as Attribute['schema'], example: good[name] }).map(
        ({ json, statuses, inside = '' }) => ({ json: bent(name, json), statuses, inside: `/${name}${inside}` }),
      ),
    ),
    ...required.map((name) => {
      const { [name]: _, ...others } = good
      return { json: JSON.stringify(others), statuses: [400] }
    }),
    { json: bent('nobody', '1'), statuses: [400] },
  ]
}

const decided = (statuses: readonly number[], ...values: string[]): BadValue[] =>
  values.map((json) => ({ json, statuses, isDecided: true }))

const decidedLine = (statuses: readonly number[], member: string, line: object): BadValue[] =>
  decided(statuses, JSON.stringify([line])).map((value) => ({ ...value, inside: `/0${member}` }))

const moved = {
  productId: exampleId('products'),
  from: exampleId('warehouses'),
  to: exampleId('other-warehouses'),
  quantity: 1,
}

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
  // Nothing like it is on hand, and no such version was ever seen.
  'adjust.expectedOnHand': decided([412], '7'),
  'adjust.expectedVersion': decided([412], '7000'),
  'transfers.lines': [
    ...decidedLine([409], '/quantity', { ...moved, quantity: 1000 }),
    ...decidedLine([404], '/productId', { ...moved, productId: NOBODY }),
    ...decidedLine([404], '/to', { ...moved, to: NOBODY }),
    ...decidedLine([422], '/to', { ...moved, to: moved.from }),
  ],
  'reservations.lines': [
    ...decidedLine([409], '/quantity', { productId: exampleId('products'), quantity: 1000 }),
    ...decidedLine([404], '/productId', { productId: NOBODY, quantity: 1 }),
    ...decidedLine([404], '/productId', { productId: exampleId('products'), quantity: 1, warehouseId: NOBODY }),
  ],
  'commit.lines': decidedLine([422], '', { productId: NOBODY }),
  'release.lines': decidedLine([422], '', { productId: NOBODY }),
}
