import { attributesIn, type Resource } from '@abasto/contract/resource'
import { UUID } from '@abasto/contract/schemas'
import { type TProperties, type TSchema, Type } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'

/** What a document of a create or an update of one resource may hold, made once from the contract. */
export type Rules = Readonly<{
  type: string
  action: 'create' | 'update'
  /** Whether whoever creates one may choose its id. */
  isIdChosen: boolean
  attributes: ReadonlyMap<string, Readonly<{ schema: TSchema; validator: Validator; required: boolean }>>
  relationships: ReadonlyMap<string, Readonly<{ to: string; nullable: boolean; required: boolean }>>
  /** Members that the resource has but this document may not set; named in the refusal. */
  readOnly: ReadonlySet<string>
}>

export function rulesOf(resource: Resource, action: 'create' | 'update'): Rules {
  const attributes = attributesIn(resource, action).map(([name, { schema, [action]: presence }]) => {
    return [name, { schema, validator: Compile(schema) as Validator, required: presence === 'required' }] as const
  })
  const relationships = Object.entries(resource.relationships)
    .filter(([, relationship]) => action === 'create' && relationship.create !== undefined)
    .map(([name, { to, nullable = false, create }]) => {
      return [name, { to, nullable, required: create === 'required' }] as const
    })
  const readOnly = new Set([...Object.keys(resource.attributes), ...Object.keys(resource.relationships)])
  return {
    type: resource.type,
    action,
    isIdChosen: action === 'create' && resource.clientIds === true,
    attributes: new Map(attributes),
    relationships: new Map(relationships),
    readOnly,
  }
}

const strict = { additionalProperties: false } as const

/** The pattern alone: the format beside it would look at each id of each write a second time. */
const id = Type.String({ pattern: `^${UUID}$` })

/** The same rules as one schema, for the check that nearly every document passes. */
export function documentSchema(rules: Rules): TSchema {
  const attributes: TProperties = {}
  for (const [name, { schema, required }] of rules.attributes) {
    attributes[name] = required ? schema : Type.Optional(schema)
  }
  const relationships: TProperties = {}
  for (const [name, { to, nullable, required }] of rules.relationships) {
    const identifier = Type.Object({ type: Type.Literal(to), id })
    const schema = Type.Object({ data: nullable ? Type.Union([identifier, Type.Null()]) : identifier })
    relationships[name] = required ? schema : Type.Optional(schema)
  }
  const section = (members: TProperties, required: boolean): TSchema =>
    required ? Type.Object(members, strict) : Type.Optional(Type.Object(members, strict))
  return Type.Object({
    data: Type.Object({
      type: Type.Literal(rules.type),
      id: rules.action === 'update' ? Type.String() : Type.Optional(rules.isIdChosen ? id : Type.Never()),
      attributes: section(attributes, isAnyRequired(rules.attributes)),
      relationships: section(relationships, isAnyRequired(rules.relationships)),
    }),
  })
}

const isAnyRequired = (members: ReadonlyMap<string, { required: boolean }>): boolean =>
  [...members.values()].some((member) => member.required)
