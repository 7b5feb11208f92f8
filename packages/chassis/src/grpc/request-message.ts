import { type Failure, fail, invalid, ok, type Result } from '@abasto/kernel'
import { type DescMethod, fromBinary, type MessageShape } from '@bufbuild/protobuf'

/**
 * The message that a call was sent with, or what is wrong with it whatever the call: it cannot be read, or one of its
 * texts holds what not every database takes. Rules of a call come after these.
 */
export function requestMessage(method: DescMethod, bytes: Uint8Array): Result<MessageShape<DescMethod['input']>> {
  let message: MessageShape<DescMethod['input']>
  try {
    message = fromBinary(method.input, bytes)
  } catch {
    return fail(unreadable)
  }
  const at = placeOfNul(message)
  return at ? fail(invalid('invalid_value', 'Text may not hold the character NUL.', at)) : ok(message)
}

const unreadable: Failure = {
  kind: 'invalid',
  code: 'malformed_document',
  message: 'The message cannot be read as the one that this call takes.',
  at: [],
}

type Path = readonly (string | number)[]

/** Where the first text with a NUL in it is: in a field, a list or a message inside. */
function placeOfNul(value: unknown): Path | undefined {
  if (typeof value === 'string') return value.includes('\0') ? [] : undefined
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined
  const isList = Array.isArray(value)
  for (const [name, member] of Object.entries(value)) {
    const inside = placeOfNul(member)
    if (inside) return [isList ? Number(name) : name, ...inside]
  }
  return undefined
}
