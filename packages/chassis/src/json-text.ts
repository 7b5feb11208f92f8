// Anything else has to be escaped, or might have to be.
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** A text as JSON. Most are plain, and for those a look is cheaper than a call of JSON.stringify. */
export const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))

/** A value as JSON, quickly for the kinds that most values are; what JSON does not know is null. */
export function jsonText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null'
    default:
      return JSON.stringify(value) ?? 'null'
  }
}
