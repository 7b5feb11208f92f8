import { Type } from 'typebox'

/** The largest whole number that JSON carries exactly between any two programs: 2^53 - 1. */
export const MAX_QUANTITY = Number.MAX_SAFE_INTEGER

export const uuid = Type.String({ format: 'uuid', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })

/** RFC 3339, UTC, with `Z`. */
export const timestamp = Type.String({ format: 'date-time' })

/** A decimal string without sign or exponent; how many decimals it may have depends on the currency. */
export const amount = Type.String({ pattern: '^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,4})?$' })

export const currency = Type.String({ pattern: '^[A-Z]{3}$' })

/** Text on one line, neither empty nor padded. */
export const line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^\\S(.*\\S)?$' })

export const quantity = (minimum: number) => Type.Integer({ minimum, maximum: MAX_QUANTITY })

export const change = Type.Integer({ minimum: -MAX_QUANTITY, maximum: MAX_QUANTITY })
