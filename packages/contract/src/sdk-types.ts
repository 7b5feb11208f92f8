import { type TSchema, Type } from 'typebox'
import type { Contract } from './contract.ts'
import { type Attribute, attributesIn, type Resource } from './resource.ts'

/**
 * The SDK's types as TypeScript text: every resource in the flat shape in which the SDK hands it out (`type`, `id`,
 * attributes, `<relationship>Id`), what a create and an update take, and the failures by code.
 *
 * Made from the contract that is given and from nothing else, so a changed copy prints changed types.
 */
export function printSdkTypes(contract: Contract): string {
  const resources = Object.values(contract.resources)
  const blocks = [
    `// Printed from the contract (${contract.title} ${contract.version}) by \`bun run generate\`; not to be edited by hand.`,
    ...resources.flatMap((resource) => [
      printRead(resource),
      ...printParts(resource, contract),
      printInput(resource, 'create'),
      printInput(resource, 'update'),
      printIncludes(resource, contract),
    ]),
    ...printActs(contract),
    ...printEvents(contract),
    printResources(resources),
    printRelationships(resources),
    printFailureDetails(contract),
    printFailureStatuses(contract),
    printOperationFailures(contract),
    printOperationFilters(contract),
    printOperationParameters(contract),
  ]
  return `${blocks.filter((block) => block !== undefined).join('\n\n')}\n`
}

function printRead(resource: Resource): string {
  const members = [
    `  readonly type: ${literal(resource.type)}`,
    '  readonly id: string',
    ...attributesIn(resource, 'read').map(([name, attribute]) => printMember(name, attribute, false)),
    ...Object.entries(resource.relationships).map(([name, relationship]) =>
      [
        doc(`${relationship.description} The id of the ${name}${relationship.nullable ? ', or `null`' : ''}.`, '  '),
        `  readonly ${name}Id: string${relationship.nullable ? ' | null' : ''}`,
      ].join('\n'),
    ),
    doc('Names this state of it: hand it back as `ifMatch`. Absent on the items of a list and with `include`.', '  '),
    '  readonly etag?: string',
  ]
  return [doc(resource.description), `export type ${resource.name} = {`, ...members, '}'].join('\n')
}

/** What a read answers when one of its own parameters is given: the same resource, with some of its attributes. */
function printParts(resource: Resource, contract: Contract): string[] {
  const reads = contract.operations.filter((operation) => operation.resource === resource.type)
  return reads.flatMap(({ parameters = {} }) =>
    Object.entries(parameters).map(([parameter, { name, attributes }]) => {
      const members = ['type', 'id', ...attributes, ...Object.keys(resource.relationships).map((name) => `${name}Id`)]
      return [
        doc(`What is shown of one of the ${resource.type} where \`${parameter}\` is given.`),
        `export type ${name} = Pick<${resource.name}, ${members.map(literal).join(' | ')}>`,
      ].join('\n')
    }),
  )
}

/** What each act takes, and which act each operation is. */
function printActs(contract: Contract): string[] {
  const acts = contract.operations.flatMap(({ id, act }) => (act ? [{ id, act }] : []))
  const inputs = acts.map(({ act }) =>
    [
      doc(act.description),
      `export type ${act.name} = {`,
      ...attributesIn(act, 'create').map(([name, attribute]) =>
        printMember(name, attribute, attribute.create === 'optional'),
      ),
      '}',
    ].join('\n'),
  )
  const list = [
    doc('The operations that act on a resource: the type of the document that says so, and what it takes.'),
    'export type Acts = {',
    ...acts.map(
      ({ id, act }) => `  readonly ${id}: { readonly type: ${literal(act.type)}; readonly input: ${act.name} }`,
    ),
    '}',
  ].join('\n')
  return [...inputs, list]
}

/** What each stream tells: the data of its events, by their names. */
function printEvents(contract: Contract): string[] {
  return contract.operations.flatMap(({ id, events }) => {
    if (!events) return []
    const kinds = Object.entries(events).map(([name, { description, schema }]) =>
      [doc(description, '  '), `  readonly ${name}: ${typeOf(schema, name)}`].join('\n'),
    )
    const type = `${id[0]!.toUpperCase()}${id.slice(1)}Events`
    return [
      [
        doc(`What \`${id}\` tells: the data of its events, by their names.`),
        `export type ${type} = {`,
        ...kinds,
        '}',
      ].join('\n'),
    ]
  })
}

/** What a create or an update takes, or nothing when the resource has no such document. */
function printInput(resource: Resource, document: 'create' | 'update'): string | undefined {
  const members = [
    ...(document === 'create' && resource.clientIds
      ? [doc('An id of your choice, a UUID; the server gives one if you do not.', '  '), '  readonly id?: string']
      : []),
    ...attributesIn(resource, document).map(([name, attribute]) =>
      printMember(name, attribute, attribute[document] === 'optional'),
    ),
    ...(document === 'create' ? Object.entries(resource.relationships) : [])
      .filter(([, relationship]) => relationship.create)
      .map(([name, relationship]) =>
        [
          doc(`${relationship.description} The id of the ${name}.`, '  '),
          `  readonly ${name}Id${relationship.create === 'optional' ? '?' : ''}: string${relationship.nullable ? ' | null' : ''}`,
        ].join('\n'),
      ),
  ]
  if (members.length === 0) return undefined
  const [suffix, does] = document === 'create' ? ['Create', 'creates'] : ['Update', 'changes']
  return [
    doc(`What ${does} one of the ${resource.type}.`),
    `export type ${resource.name}${suffix} = {`,
    ...members,
    '}',
  ].join('\n')
}

function printMember(name: string, attribute: Attribute, optional: boolean): string {
  return [
    doc(attribute.description, '  '),
    `  readonly ${name}${optional ? '?' : ''}: ${typeOf(attribute.schema, name)}`,
  ].join('\n')
}

function printIncludes(resource: Resource, contract: Contract): string {
  const members = Object.entries(resource.relationships).flatMap(([name, relationship]) => {
    const related = Object.values(contract.resources).find(({ type }) => type === relationship.to)
    if (!relationship.includable || !related) return []
    const description = `${relationship.description} \`null\` when it has been deleted since.`
    return [doc(description, '  '), `  readonly ${name}: ${related.name} | null`]
  })
  return [
    doc(`What \`include\` may name where ${resource.type} are read, and the member that it adds.`),
    members.length === 0
      ? `export type ${resource.name}Includes = Readonly<Record<never, never>>`
      : [`export type ${resource.name}Includes = {`, ...members, '}'].join('\n'),
  ].join('\n')
}

function printResources(resources: readonly Resource[]): string {
  return [
    doc('Every resource by its JSON:API type.'),
    'export type Resources = {',
    ...resources.map(({ type, name }) => `  readonly ${literal(type)}: ${name}`),
    '}',
  ].join('\n')
}

/** The one value beside the types: documents are written from it, so a new relationship needs no code in the SDK. */
function printRelationships(resources: readonly Resource[]): string {
  const lines = resources.map(({ type, relationships }) => {
    const members = Object.entries(relationships)
      .filter(([, relationship]) => relationship.create)
      .map(([name, { to }]) => `${name}Id: [${literal(name)}, ${literal(to)}]`)
    return `  ${literal(type)}: {${members.length === 0 ? '' : ` ${members.join(', ')} `}},`
  })
  return [
    doc('The members of an input that are relationships: their name in the document, and the type they lead to.'),
    'export const linkedMembers = {',
    ...lines,
    '} as const satisfies Record<keyof Resources, Record<string, readonly [name: string, type: string]>>',
  ].join('\n')
}

function printFailureDetails(contract: Contract): string {
  const members = Object.entries(contract.failures).flatMap(([code, { status, title, meta }]) => [
    doc(`${status}: ${title}.`, '  '),
    `  readonly ${code}: ${meta ? `{ ${Object.entries(meta).map(detail).join('; ')} }` : 'Readonly<Record<string, unknown>>'}`,
  ])
  return [
    doc('Every code with which the server refuses, and the `details` that come with it.'),
    'export type ServerFailures = {',
    ...members,
    '}',
  ].join('\n')
}

function printFailureStatuses(contract: Contract): string {
  return [
    doc('The HTTP status of every code with which the server refuses.'),
    'export type FailureStatuses = {',
    ...Object.entries(contract.failures).map(([code, { status }]) => `  readonly ${code}: ${status}`),
    '}',
  ].join('\n')
}

function printOperationFailures(contract: Contract): string {
  const members = contract.operations.flatMap(({ id, summary, failures }) => [
    doc(`${summary}.`, '  '),
    `  readonly ${id}: ${failures.length === 0 ? 'never' : failures.map(literal).join(' | ')}`,
  ])
  return [
    doc('The codes that are each operation’s own; any operation may also be refused as any other is.'),
    'export type OperationFailures = {',
    ...members,
    '}',
  ].join('\n')
}

function printOperationFilters(contract: Contract): string {
  const members = contract.operations.flatMap(({ id, filters }) => {
    if (!filters) return []
    const values = Object.entries(filters).flatMap(([name, { schema, maxValues, description }]) =>
      maxValues === 1
        ? [doc(description, '    '), `    readonly ${name}?: ${typeOf(schema, name)}`]
        : [
            doc(`${description} At most ${maxValues}.`, '    '),
            `    readonly ${name}?: ${typeOf(Type.Array(schema), name)}`,
          ],
    )
    return [`  readonly ${id}: {`, ...values, '  }']
  })
  return [
    doc('What `filter` may name where a list takes one: each value that is listed has one of those given.'),
    'export type OperationFilters = {',
    ...members,
    '}',
  ].join('\n')
}

function printOperationParameters(contract: Contract): string {
  const members = contract.operations.flatMap(({ id, parameters }) => {
    if (!parameters) return []
    const values = Object.entries(parameters).flatMap(([name, { schema, description }]) => [
      doc(description, '    '),
      `    readonly ${name}?: ${typeOf(schema, name)}`,
    ])
    return [`  readonly ${id}: {`, ...values, '  }']
  })
  return [
    doc('The query parameters that a read has of its own.'),
    'export type OperationParameters = {',
    ...members,
    '}',
  ].join('\n')
}

const detail = ([name, type]: [string, string]) => `readonly ${name}: ${type}`

const PLAIN: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
}

type Schema = Readonly<{
  enum?: readonly unknown[]
  anyOf?: readonly TSchema[]
  type?: string | readonly string[]
  items?: TSchema
  properties?: Readonly<Record<string, TSchema>>
  required?: readonly string[]
}>

/** The TypeScript of a JSON Schema, as far as the contract goes; what it does not know is a bug, not an `any`. */
function typeOf(schema: TSchema, name: string): string {
  const { enum: values, anyOf, type, items, properties, required = [] } = schema as Schema
  if (values) return values.map(literal).join(' | ')
  if (anyOf) return anyOf.map((one) => typeOf(one, name)).join(' | ')
  if (type === 'array' && items) {
    const item = typeOf(items, name)
    return `readonly ${item.includes(' | ') || item.startsWith('readonly ') ? `(${item})` : item}[]`
  }
  if (type === 'object' && properties) {
    const members = Object.entries(properties).map(
      ([member, one]) => `readonly ${member}${required.includes(member) ? '' : '?'}: ${typeOf(one, member)}`,
    )
    return members.length === 0 ? 'Readonly<Record<string, unknown>>' : `{ ${members.join('; ')} }`
  }
  const types = [type].flat().map((one) => PLAIN[one ?? ''])
  if (types.includes(undefined)) throw new Error(`The schema of "${name}" has no TypeScript yet.`)
  return types.join(' | ')
}

const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : JSON.stringify(value)

const doc = (text: string, indent = ''): string => `${indent}/** ${text.replaceAll('*/', '*\\/')} */`
