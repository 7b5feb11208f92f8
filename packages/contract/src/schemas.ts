import { type Static, type TProperties, type TSchema, Type } from 'typebox'

/** The largest whole number that JSON carries exactly between any two programs: 2^53 - 1. */
export const MAX_QUANTITY = Number.MAX_SAFE_INTEGER

/** How a UUID is written: in lower case only, because one thing has one name. */
export const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

export const uuid = Type.String({ format: 'uuid', pattern: `^${UUID}$` })

/** RFC 3339, UTC, with `Z`. */
export const timestamp = Type.String({ format: 'date-time' })

/** A decimal string without sign or exponent; how many decimals it may have depends on the currency. */
export const amount = Type.String({ pattern: '^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,4})?$' })

export const currency = Type.String({ pattern: '^[A-Z]{3}$' })

/** Text on one line, neither empty nor padded. */
export const line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^\\S(.*\\S)?$' })

export const quantity = (minimum: number) => Type.Integer({ minimum, maximum: MAX_QUANTITY })

export const change = Type.Integer({ minimum: -MAX_QUANTITY, maximum: MAX_QUANTITY })

/** One of these words. */
export const oneOf = <const W extends string>(words: readonly W[]) =>
  Type.Unsafe<W>({ type: 'string', enum: [...words] })

/** A text or a number that may be `null`. */
export function nullable<S extends TSchema>(schema: S) {
  const { type, enum: words, ...rest } = schema as { type?: string; enum?: readonly unknown[] }
  const values = words ? { enum: [...words, null] } : {}
  return Type.Unsafe<Static<S> | null>({ ...rest, type: [type, 'null'], ...values })
}

/** An object with these members and no others; those of `Type.Optional` may be left out. */
export const members = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false })

/**
 * A moment that a caller names, RFC 3339, in any offset. The pattern keeps to the years and offsets that every store
 * can tell apart; the format knows how many days a month has.
 */
export const moment = Type.String({
  format: 'date-time',
  pattern:
    '^[12][0-9]{3}-[01][0-9]-[0-3][0-9]T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$',
})
