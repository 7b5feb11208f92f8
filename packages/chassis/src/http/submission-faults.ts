import { isUuid } from '@abasto/kernel'
import { attributeFaults } from './attribute-faults.ts'
import { at, type Refusal, step } from './refusal.ts'
import { idsIn, type Members, type Submission } from './submission.ts'
import type { Rules } from './submission-rules.ts'

const NOTHING: Members = Object.freeze({})

const invalid = (pointer: string, detail: string): Refusal => ({
  code: 'invalid_document',
  detail,
  source: at(pointer),
})

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads a document member by member and says all that is wrong with it. */
export function walk(rules: Rules, document: unknown): Submission {
  const refuse = (refusals: Refusal[], id?: unknown): Submission => ({ ok: false, id, refusals })
  if (!isObject(document)) return refuse([invalid('', 'The document is an object.')])
  if (!Object.hasOwn(document, 'data')) return refuse([invalid('', 'The document has no data.')])
  const { data } = document
  if (!isObject(data)) return refuse([invalid('/data', 'data is one resource object.')])

  // A document of another resource, or one that names itself, is refused for that alone: it is not ours to judge.
  if (typeof data.type === 'string' && data.type !== rules.type) {
    const detail = `This address takes resources of the type ${rules.type}.`
    return refuse([{ code: 'type_mismatch', detail, source: at('/data/type') }])
  }
  if (rules.action === 'create' && !rules.isIdChosen && Object.hasOwn(data, 'id')) {
    const detail = 'The server gives the id; leave it out.'
    return refuse([{ code: 'unsupported_client_id', detail, source: at('/data/id') }])
  }

  const refusals: Refusal[] = []
  if (!Object.hasOwn(data, 'type')) refusals.push(invalid('/data', 'data has no type.'))
  else if (typeof data.type !== 'string') refusals.push(invalid('/data/type', 'type is a text.'))
  if (rules.action === 'update') {
    if (!Object.hasOwn(data, 'id')) refusals.push(invalid('/data', 'data has no id.'))
    else if (typeof data.id !== 'string') refusals.push(invalid('/data/id', 'id is a text.'))
  }
  if (rules.isIdChosen && Object.hasOwn(data, 'id')) refusals.push(...idFaults(data.id, '/data/id'))
  const attributes = walkAttributes(rules, data, refusals)
  const relationships = walkRelationships(rules, data, refusals)
  if (refusals.length > 0) return refuse(refusals, data.id)
  return { ok: true, id: data.id, attributes, relationships: idsIn(rules, relationships) }
}

/** The members of `attributes` or `relationships` without @-members; refuses unknown and missing ones. */
function section(
  name: 'attributes' | 'relationships',
  rules: Rules,
  data: Members,
  refusals: Refusal[],
): [name: string, value: unknown][] {
  const pointer = `/data/${name}`
  const isGiven = Object.hasOwn(data, name)
  const given = isGiven ? data[name] : NOTHING
  if (!isObject(given)) {
    refusals.push(invalid(pointer, `${name} is an object.`))
    return []
  }
  for (const [member, { required }] of rules[name]) {
    if (required && !Object.hasOwn(given, member)) {
      refusals.push(invalid(isGiven ? pointer : '/data', `${member} is missing from ${name}.`))
    }
  }
  const members = Object.entries(given).filter(([member]) => !member.startsWith('@'))
  return members.filter(([member]) => {
    if (rules[name].has(member)) return true
    const why = rules.readOnly.has(member) ? `does not set ${member} among the ${name}` : `has no ${member}`
    const verb = rules.action === 'create' ? 'A create' : 'An update'
    const detail = rules.readOnly.has(member) ? `${verb} of ${rules.type} ${why}.` : `The type ${rules.type} ${why}.`
    refusals.push(invalid(pointer + step(member), detail))
    return false
  })
}

function walkAttributes(rules: Rules, data: Members, refusals: Refusal[]): Members {
  const members = section('attributes', rules, data, refusals)
  for (const [name, value] of members) {
    const { validator } = rules.attributes.get(name)!
    if (!validator.Check(value)) {
      refusals.push(...attributeFaults(validator, value, name, `/data/attributes${step(name)}`))
    }
  }
  return Object.fromEntries(members)
}

function walkRelationships(rules: Rules, data: Members, refusals: Refusal[]): Members {
  const members = section('relationships', rules, data, refusals)
  for (const [name, value] of members) {
    const { to, nullable } = rules.relationships.get(name)!
    const pointer = `/data/relationships${step(name)}`
    if (!isObject(value)) refusals.push(invalid(pointer, `${name} is an object with data.`))
    else if (!Object.hasOwn(value, 'data')) refusals.push(invalid(pointer, `${name} has no data.`))
    else if (value.data !== null || !nullable) refusals.push(...linkageFaults(value.data, to, `${pointer}/data`))
  }
  return Object.fromEntries(members)
}

function linkageFaults(linkage: unknown, to: string, pointer: string): Refusal[] {
  if (!isObject(linkage)) return [invalid(pointer, `It names one resource: { "type": "${to}", "id": "…" }.`)]
  const refusals: Refusal[] = []
  if (!Object.hasOwn(linkage, 'type')) refusals.push(invalid(pointer, 'It has no type.'))
  else if (typeof linkage.type !== 'string') refusals.push(invalid(`${pointer}/type`, 'type is a text.'))
  else if (linkage.type !== to) {
    return [{ code: 'type_mismatch', detail: `It names a resource of the type ${to}.`, source: at(`${pointer}/type`) }]
  }
  if (!Object.hasOwn(linkage, 'id')) refusals.push(invalid(pointer, 'It has no id.'))
  else refusals.push(...idFaults(linkage.id, `${pointer}/id`))
  return refusals
}

function idFaults(id: unknown, pointer: string): Refusal[] {
  if (typeof id !== 'string') return [invalid(pointer, 'id is a text.')]
  if (isUuid(id)) return []
  return [{ code: 'invalid_value', detail: 'An id is a UUID in lower case.', source: at(pointer) }]
}
