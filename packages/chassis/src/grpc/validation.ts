import { contract } from '@abasto/contract/contract'
import { PAGE_SIZE } from '@abasto/contract/query'
import type { Act, Resource } from '@abasto/contract/resource'
import { moment } from '@abasto/contract/schemas'
import { type Failure, invalid, isUuid } from '@abasto/kernel'
import type { PageRequest as PageMessage } from '@abasto/proto/pages/v1/page'
import { Compile } from 'typebox/compile'
import { attributeFaults } from '../http/attribute-faults.ts'
import type { Command } from '../http/idempotency.ts'
import { type Rules, rulesOf } from '../http/submission-rules.ts'
import { pageOf } from './messages.ts'

type Path = readonly (string | number)[]

/**
 * Holds a write against the rules that the contract gives for the public API, so that both roads allow the same. Says
 * the first thing that is wrong.
 */
export function commandCheck(type: keyof typeof contract.resources, action: 'create' | 'update') {
  const rules = rulesOf(contract.resources[type] satisfies Resource, action)
  return (command: Command, at: Path = []): Failure | undefined => {
    for (const [name, related] of Object.entries(command.relationships)) {
      const refusal = related === null ? undefined : idRefusal(related, [...at, `${name}Id`])
      if (refusal) return refusal
    }
    return attributeRefusal(rules, command.attributes, at)
  }
}

/** The same for what is done to a resource at an address below it. */
export function actCheck(act: Act) {
  const rules = rulesOf({ ...act, relationships: {} }, 'create')
  return (command: Command, at: Path = []): Failure | undefined => attributeRefusal(rules, command.attributes, at)
}

function attributeRefusal(rules: Rules, attributes: Command['attributes'], at: Path): Failure | undefined {
  for (const [name, { validator, required }] of rules.attributes) {
    const value = attributes[name]
    if (value === undefined) {
      if (required) return invalid('invalid_value', `${name} is missing.`, [...at, name])
      continue
    }
    if (validator.Check(value)) continue
    const [fault] = attributeFaults(validator, value, name, `/${name}`)
    const pointer = fault?.source && 'pointer' in fault.source ? fault.source.pointer : `/${name}`
    return invalid('invalid_value', fault?.detail ?? `${name} is not allowed.`, [...at, ...stepsOf(pointer)])
  }
  return undefined
}

const stepsOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => (/^[0-9]+$/.test(step) ? Number(step) : step))

export const idRefusal = (id: string, at: Path): Failure | undefined =>
  isUuid(id) ? undefined : invalid('invalid_value', 'An id is a UUID in lower case.', at)

/** How many ids one call may name. */
export const MAX_IDS = 100

export function idsRefusal(ids: readonly string[], at: Path = ['ids']): Failure | undefined {
  if (ids.length < 1 || ids.length > MAX_IDS) {
    return invalid('invalid_value', `1 to ${MAX_IDS} ids are asked for, not ${ids.length}.`, at)
  }
  const wrong = ids.findIndex((id) => !isUuid(id))
  return wrong < 0 ? undefined : idRefusal(ids[wrong]!, [...at, wrong])
}

const momentValidator = Compile(moment)

/** A moment that the caller names. */
export const momentRefusal = (text: string, at: Path): Failure | undefined =>
  momentValidator.Check(text)
    ? undefined
    : invalid('invalid_value', 'A moment is written as in RFC 3339: 2026-01-31T09:30:00Z.', at)

/** A version that the caller saw. */
export const versionRefusal = (version: bigint | undefined): Failure | undefined =>
  version === undefined || (version >= 0n && version <= BigInt(Number.MAX_SAFE_INTEGER))
    ? undefined
    : invalid('invalid_value', 'A version is 0 to 2^53 - 1.', ['expectedVersion'])

export function pageRefusal(message: PageMessage | undefined): Failure | undefined {
  const { size, after, before } = pageOf(message)
  if (size < 1 || size > PAGE_SIZE.max) {
    return invalid('invalid_parameter', `A page has 1 to ${PAGE_SIZE.max} items, not ${size}.`, ['page', 'size'])
  }
  if (after === undefined || before === undefined) return undefined
  return invalid('invalid_parameter', 'A page begins after a position or ends before one, not both.', ['page'])
}
