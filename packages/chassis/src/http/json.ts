import { at, type Refusal, step } from './refusal.ts'

/** How deep a document may be nested. Ours need 7 levels; beyond this it is an attack on whoever walks it. */
const DEEPEST = 256

/** A text this short cannot be nested deeper, since every level costs two characters. */
const SHALLOW_LENGTH = DEEPEST * 2

export type Parsed = Readonly<{ ok: true; value: unknown }> | Readonly<{ ok: false; error: Refusal[] }>

/**
 * Parses a document and refuses what could do harm further in. The looks at the raw text keep the ordinary document
 * cheap: only one that might hold something harmful is walked.
 */
export function parseJson(text: string): Parsed {
  if (text.length > SHALLOW_LENGTH && depthOf(text) > DEEPEST) {
    return refuse('malformed_document', `The document is nested deeper than ${DEEPEST} levels.`)
  }
  let value: unknown
  try {
    value = INEXACT_SUSPECT.test(text) ? JSON.parse(text, markInexact) : JSON.parse(text)
  } catch (error) {
    return refuse('malformed_document', `The document is not JSON: ${(error as Error).message}.`)
  }
  if (!HARM_SUSPECT.test(text)) return { ok: true, value }
  const refusals: Refusal[] = []
  findHarm(value, '', refusals)
  return refusals.length > 0 ? { ok: false, error: refusals } : { ok: true, value }
}

const refuse = (code: string, detail: string): Parsed => ({ ok: false, error: [{ code, detail, source: at('') }] })

function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const char = text.charCodeAt(index)
    if (quoted) {
      if (char === 0x5c) index++
      else if (char === 0x22) quoted = false
    } else if (char === 0x22) quoted = true
    else if (char === 0x5b || char === 0x7b) {
      if (++depth > deepest) deepest = depth
    } else if (char === 0x5d || char === 0x7d) depth--
  }
  return deepest
}

/** Names that reach an object's prototype when a document is merged carelessly into another object. */
const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype']

// NUL and lone surrogates can only be written as escapes, and so can a name that is to be hidden from this look.
const HARM_SUSPECT = /\\u|__proto__|constructor|prototype/

function findHarm(value: unknown, pointer: string, refusals: Refusal[]): void {
  if (typeof value === 'string') {
    if (isHarmful(value)) refusals.push({ code: 'invalid_value', detail: HARMFUL_TEXT, source: at(pointer) })
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    const inner = pointer + step(name)
    if (PROTOTYPE_NAMES.includes(name)) {
      const detail = `No member may be called ${name}.`
      refusals.push({ code: 'invalid_document', detail, source: at(inner) })
    } else if (isHarmful(name)) {
      refusals.push({ code: 'invalid_value', detail: HARMFUL_TEXT, source: at(inner) })
    }
    findHarm(member, inner, refusals)
  }
}

const HARMFUL_TEXT = 'Text may not hold the character NUL or half of a surrogate pair.'

const isHarmful = (text: string): boolean => text.includes('\0') || !text.isWellFormed()

// A number, not inside a text, that has a point, an exponent or sixteen digits. The few texts that look like one only
// cost the slower parse.
const INEXACT_SUSPECT = /[:,[\s]-?[0-9]+(?:[.eE]|[0-9]{15})/

/**
 * Turns whole numbers that JavaScript rounded into NaN, which no schema accepts: 9007199254740991.4 must not become
 * 9007199254740991. Other fractions are left alone, because no attribute that takes a fraction is a number.
 */
function markInexact(_name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || !Number.isInteger(value) || context?.source === undefined) return value
  return isExactly(context.source, value) ? value : Number.NaN
}

/** Nobody writes a number of ours at such length, and whoever does is not to be read digit by digit. */
const LONGEST_LITERAL = 512

/** Whether the literal means just this whole number, compared digit by digit. */
function isExactly(literal: string, value: number): boolean {
  if (literal.length > LONGEST_LITERAL) return false
  const parts = /^-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(literal)
  if (!parts) return false
  const fraction = parts[2] ?? ''
  const written = (parts[1]! + fraction).replace(/^0+/, '')
  const digits = written.replace(/0+$/, '')
  if (digits === '') return value === 0
  const zeros = Number(parts[3] ?? 0) - fraction.length + (written.length - digits.length)
  if (zeros < 0 || digits.length + zeros > 400) return false
  return digits + '0'.repeat(zeros) === BigInt(Math.abs(value)).toString()
}
