import type { Validator } from 'typebox/compile'
import { at, type Refusal } from './refusal.ts'

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  null: 'null',
}

/**
 * What is wrong with the value of an attribute, one refusal for each place inside it. The wrong kind of JSON value is a
 * fault of the document (400); a value that is of the kind but not allowed is one of the value (422).
 */
export function attributeFaults(validator: Validator, value: unknown, name: string, pointer: string): Refusal[] {
  const faults = new Map<string, Refusal>()
  const errors = validator.Errors(value)
  // One place may break several rules at once; its kind says more than the rest.
  for (const error of [...errors.filter((error) => error.keyword === 'type'), ...errors]) {
    if (error.keyword === 'boolean' || faults.has(error.instancePath)) continue
    const place = `${name}${error.instancePath}`
    faults.set(error.instancePath, {
      ...faultOf(error, valueAt(value, error.instancePath), place),
      source: at(pointer + error.instancePath),
    })
  }
  return [...faults.values()]
}

type ValidationError = ReturnType<Validator['Errors']>[number]

function faultOf(error: ValidationError, value: unknown, place: string): Refusal {
  switch (error.keyword) {
    case 'type': {
      if (Number.isNaN(value)) return notAllowed(`${place} is a number that cannot be held exactly.`)
      const kinds = [error.params.type].flat()
      const names = kinds.map((kind) => KINDS[kind] ?? kind).join(' or ')
      const isWholeNumberWanted = typeof value === 'number' && kinds.includes('integer')
      return isWholeNumberWanted ? notAllowed(`${place} is ${names}.`) : wrongShape(`${place} is ${names}.`)
    }
    case 'required':
      return wrongShape(`${place} lacks ${error.params.requiredProperties.join(', ')}.`)
    case 'additionalProperties':
      return wrongShape(`${place} does not have ${error.params.additionalProperties.join(', ')}.`)
    case 'enum':
      return notAllowed(`${place} is one of ${error.params.allowedValues.join(', ')}.`)
    case 'not':
      return notAllowed(`${place} has a value that is not allowed.`)
    default:
      return notAllowed(`${place} ${error.message}.`)
  }
}

const notAllowed = (detail: string): Refusal => ({ code: 'invalid_value', detail })
const wrongShape = (detail: string): Refusal => ({ code: 'invalid_document', detail })

function valueAt(value: unknown, pointer: string): unknown {
  let found = value
  for (const key of pointer.split('/').slice(1)) {
    found = (found as Record<string, unknown> | null)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return found
}
