import { MEDIA_TYPE } from './reply.ts'

/**
 * Content negotiation (JSON:API 1.1, section 5; RFC 9110, section 12.5.1). No extension is supported yet, so every
 * `ext` is refused; a `profile` is accepted and ignored.
 */

/** Whether the body's media type is one that the server reads. */
export function isReadable(contentType: string | null): boolean {
  if (contentType === MEDIA_TYPE) return true
  if (contentType === null) return false
  const { type, parameters } = mediaType(contentType)
  return type === MEDIA_TYPE && parameters.every(([name]) => name === 'profile')
}

/**
 * Whether the caller takes what is served: JSON:API, or the events of a stream. Ranges with parameters that we do not serve are ignored, and when all ranges that
 * name it are such, the answer is no, even if another range would take anything: the specification says so.
 */
export function isAcceptable(accept: string | null, served = MEDIA_TYPE): boolean {
  const family = `${served.slice(0, served.indexOf('/'))}/*`
  if (accept === null || accept === '*/*' || accept === served || accept.trim() === '') return true
  let named = false
  let exact: number | undefined
  let wildcard = 0
  let wildcardRank = 0
  for (const range of splitOutsideQuotes(accept, ',')) {
    const { type, parameters } = mediaType(range)
    const weight = weightOf(parameters)
    const rank = type === family ? 2 : type === '*/*' ? 1 : 0
    if (type === served) {
      named = true
      const isPlain = parameters.every(([name]) => name === 'profile' || name === 'q')
      if (isPlain) exact = Math.max(exact ?? 0, weight)
    } else if (rank >= wildcardRank && rank > 0) {
      wildcard = rank > wildcardRank ? weight : Math.max(wildcard, weight)
      wildcardRank = rank
    }
  }
  if (named) return (exact ?? 0) > 0
  return wildcard > 0
}

type MediaType = { type: string; parameters: [name: string, value: string][] }

function mediaType(text: string): MediaType {
  const [type = '', ...rest] = splitOutsideQuotes(text, ';')
  const parameters = rest
    .filter((part) => part.trim() !== '')
    .map((part): [string, string] => {
      const equals = part.indexOf('=')
      if (equals < 0) return [part.trim().toLowerCase(), '']
      return [part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim()]
    })
  return { type: type.trim().toLowerCase(), parameters }
}

function weightOf(parameters: MediaType['parameters']): number {
  const weight = parameters.find(([name]) => name === 'q')?.[1]
  if (weight === undefined) return 1
  const value = Number(weight)
  return Number.isFinite(value) ? value : 0
}

// A quoted parameter may hold the separators: profile="https://example.com/a,b".
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const char = text[index]
    if (quoted && char === '\\') index++
    else if (char === '"') quoted = !quoted
    else if (char === separator && !quoted) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}
