import type { Contract } from '../../packages/contract/src/contract.ts'
import type { Operation } from '../../packages/contract/src/operation.ts'
import { attributesIn, type Resource } from '../../packages/contract/src/resource.ts'
import { type Submission, submissionOf } from '../../packages/contract/src/submission.ts'
import { type At, addressOf, type BadInput, goodDocument, NOBODY, real, type Stocked } from './case.ts'
import { badValues, decidedValues } from './values.ts'

// biome-ignore lint/suspicious/noExplicitAny: documents are bent here into what no type allows.
type Json = any

type Make = (
  what: string,
  body: string | Uint8Array<ArrayBuffer>,
  statuses: number[],
  at: At,
  isDecided?: boolean,
) => BadInput

const HUGE = 1_048_577

/** Documents that an operation must refuse: every attribute and relationship of the contract, bent. */
export function badDocuments(contract: Contract, operation: Operation, stocked: Stocked): BadInput[] {
  const submission = submissionOf(contract, operation)
  if (!submission) return []
  const { resource, document } = submission
  const path = addressOf(contract.basePath, operation, stocked)
  const good = goodDocument(submission, stocked) as Json
  const make: Make = (what, body, statuses, at, isDecided = false) => {
    const about = typeof body === 'string' ? real(body, stocked) : body
    return { operation, what, sending: { method: operation.method, path, body: about }, statuses, at, isDecided }
  }
  return [
    // No document at all says what an act does that needs none.
    ...badTexts(make, good).filter(({ sending }) => !submission.isOptional || sending.body !== ''),
    ...badShapes(make, good, submission),
    ...badNames(make, good),
    ...badAttributes(make, good, resource, document),
    ...badRelationships(make, good, resource, document),
  ]
}

/** What is no JSON document at all, or too much of one. */
function badTexts(make: Make, good: Json): BadInput[] {
  const text = JSON.stringify(good)
  const at = { pointer: '' }
  return [
    ...['', '{', '{"data":', 'nonsense', '{"data":{},}', "{'data':1}", '\u0000', `${text}${text}`, '[', 'NaN'].map(
      (body) => make(`not JSON: ${body.slice(0, 20)}`, body, [400], at),
    ),
    make('bytes that are not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), [400], at),
    make('nested 10,000 levels deep', '['.repeat(10_000) + ']'.repeat(10_000), [400], at),
    make('more than a document may have', text.padEnd(HUGE), [413], {}),
  ]
}

/** What is JSON, and not a document of this kind. */
function badShapes(make: Make, good: Json, { resource, document }: Submission): BadInput[] {
  const with_ = (change: object) => JSON.stringify({ data: { ...good.data, ...change } })
  const others = [null, true, 7, 'text', []]
  const shapes = [
    ...others.map((other) =>
      make(`the document is ${JSON.stringify(other)}`, JSON.stringify(other), [400], { pointer: '' }),
    ),
    make('no data', '{}', [400], { pointer: '' }),
    ...others.map((data) =>
      make(`data is ${JSON.stringify(data)}`, JSON.stringify({ data }), [400], { pointer: '/data' }),
    ),
    make('no type', with_({ type: undefined }), [400], { pointer: '/data' }),
    make('a type that is no text', with_({ type: 7 }), [400], { pointer: '/data/type' }),
    make('another type', with_({ type: 'lamps' }), [409], { pointer: '/data/type' }),
    ...others.map((attributes) => {
      return make(`attributes are ${JSON.stringify(attributes)}`, with_({ attributes }), [400], {
        pointer: '/data/attributes',
      })
    }),
  ]
  if (resource.clientIds) {
    return [
      ...shapes,
      ...[7, null, [], {}].map((id) => make(`the id ${id} is chosen`, with_({ id }), [400], { pointer: '/data/id' })),
      ...['', 'lamp', NOBODY.toUpperCase(), `${NOBODY}.${NOBODY}`].map((id) =>
        make(`the id ${id} is chosen`, with_({ id }), [422], { pointer: '/data/id' }),
      ),
    ]
  }
  if (document === 'create') {
    return [
      ...shapes,
      ...[NOBODY, 7, ''].map((id) => make(`the id ${id} is chosen`, with_({ id }), [403], { pointer: '/data/id' })),
    ]
  }
  return [
    ...shapes,
    make('no id', with_({ id: undefined }), [400], { pointer: '/data' }),
    make('an id that is no text', with_({ id: 7 }), [400], { pointer: '/data/id' }),
    make('the id of another', with_({ id: NOBODY }), [409], { pointer: '/data/id' }),
  ]
}

/** Members that nobody knows, or that reach into what is not the document's. */
function badNames(make: Make, good: Json): BadInput[] {
  const dangerous = ['__proto__', 'constructor', 'prototype']
  const inside = (section: string, name: string) => {
    const text = JSON.stringify({ data: { ...good.data, [section]: { ...good.data[section], NAME: { admin: true } } } })
    return text.replace('"NAME"', JSON.stringify(name))
  }
  return [
    ...['nobody', '', 'a/b', 'x~y', 'toString', 'id', 'type', ...dangerous].flatMap((name) =>
      ['attributes', 'relationships'].map((section) => {
        const pointer = `/data/${section}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
        return make(`${section} have a member "${name}"`, inside(section, name), [400], { pointer })
      }),
    ),
    ...dangerous.map((name) => {
      const text = `{"${name}":{"admin":true},${JSON.stringify(good).slice(1)}`
      return make(`a member ${name}`, text, [400], { pointer: `/${name}` })
    }),
    make('a name with NUL', inside('attributes', 'a\u0000'), [400, 422], { pointer: '/data/attributes/a\u0000' }),
  ]
}

function badAttributes(make: Make, good: Json, resource: Resource, action: 'create' | 'update'): BadInput[] {
  const taken = attributesIn(resource, action)
  const names = taken.map(([name]) => name)
  const bent = (name: string, json: string) =>
    JSON.stringify({ data: { ...good.data, attributes: { ...good.data.attributes, [name]: 'BENT' } } }).replace(
      '"BENT"',
      () => json,
    )
  const without = (name: string) => {
    const { [name]: _, ...attributes } = good.data.attributes
    return JSON.stringify({ data: { ...good.data, attributes } })
  }
  return [
    ...taken.flatMap(([name, attribute]) =>
      [...badValues(attribute), ...(decidedValues[`${resource.type}.${name}`] ?? [])].map(
        ({ json, statuses, inside = '', isDecided }) => {
          return make(
            `${name} is ${json.slice(0, 30)}`,
            bent(name, json),
            [...statuses],
            pointerOf(name, inside, json),
            isDecided,
          )
        },
      ),
    ),
    ...taken
      .filter(([, attribute]) => attribute[action] === 'required')
      .map(([name]) => make(`${name} is missing`, without(name), [400], { pointer: '/data/attributes' })),
    ...Object.keys(resource.attributes)
      .filter((name) => !names.includes(name))
      .map((name) =>
        make(`${name} is not for this document`, bent(name, '1'), [400], { pointer: `/data/attributes/${name}` }),
      ),
  ]
}

/** A currency that does not fit is a fault of the price beside it: yen have no cents. */
const pointerOf = (name: string, inside: string, json: string): At => ({
  pointer: `/data/attributes/${json === '"JPY"' ? 'price' : name}${inside}`,
})

function badRelationships(make: Make, good: Json, resource: Resource, action: 'create' | 'update'): BadInput[] {
  return Object.entries(resource.relationships).flatMap(([name, { to, create }]) => {
    const place = `/data/relationships/${name}`
    const bent = (value: Json) =>
      JSON.stringify({ data: { ...good.data, relationships: { ...good.data.relationships, [name]: value } } })
    if (action === 'update' || !create)
      return [make(`${name} is not for this document`, bent({ data: null }), [400], { pointer: place })]
    const linked = (id: Json) => bent({ data: { type: to, id } })
    const { relationships: _, ...unrelated } = good.data
    return [
      ...(create === 'optional'
        ? []
        : [
            make(`no relationships`, JSON.stringify({ data: unrelated }), [400], { pointer: '/data' }),
            make(`${name} is missing`, JSON.stringify({ data: { ...unrelated, relationships: {} } }), [400], {
              pointer: '/data/relationships',
            }),
          ]),
      ...[null, 7, 'text', [], {}].map((value) =>
        make(`${name} is ${JSON.stringify(value)}`, bent(value), [400], { pointer: place }),
      ),
      ...[null, 7, 'text', []].map((data) => {
        return make(`${name} names ${JSON.stringify(data)}`, bent({ data }), [400], { pointer: `${place}/data` })
      }),
      make(`${name} has no id`, bent({ data: { type: to } }), [400], { pointer: `${place}/data` }),
      make(`${name} has no type`, bent({ data: { id: NOBODY } }), [400], { pointer: `${place}/data` }),
      make(`${name} is of another type`, bent({ data: { type: 'lamps', id: NOBODY } }), [409], {
        pointer: `${place}/data/type`,
      }),
      make(`${name} has a number as its id`, linked(7), [400], { pointer: `${place}/data/id` }),
      ...['', 'lamp', NOBODY.toUpperCase(), `${NOBODY}0`, '__proto__', "' OR 1=1", 'a\u0000b', 'x'.repeat(10_000)].map(
        (id) => {
          return make(`${name} has the id ${id.slice(0, 12)}`, linked(id), [422], { pointer: `${place}/data/id` })
        },
      ),
      make(`${name} does not exist`, linked(NOBODY), [404], { pointer: `${missingAt(resource, place)}/data` }, true),
    ]
  })
}

/** A product that is sold from where it never was is what is missing, whether or not there is such a place. */
const missingAt = ({ type }: Resource, place: string): string =>
  type === 'purchases' ? '/data/relationships/product' : place
