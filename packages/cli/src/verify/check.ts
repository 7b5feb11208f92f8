/** A part of the question that several checks look at, worked out once. */
export type Source = Readonly<{ name: string; sql: string }>

/**
 * Finds rows that must not be there. Each is one difference: what it is (`fault`, see `wording.ts`), the product and the
 * warehouse, what in particular (a movement, a purchase, a reservation, an operation), what the ledger says, and what
 * was found instead.
 *
 * All of this is SQL of its own: it knows the tables and shares no rule with the code that writes them, because a check
 * that asked the same function would make the same mistake.
 */
export type Check = Readonly<{ needs: readonly Source[]; sql: string }>

// What is no longer what was written must be a difference, and not the end of the check: what cannot be read is nothing,
// which is equal to nothing.

/** SQL for the id in a text, if it is one. */
export const uuidIn = (text: string): string =>
  `CASE WHEN ${text} ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN (${text})::uuid END`

/** SQL for the amount in a text, if it is one. */
export const amountIn = (text: string): string => `CASE WHEN ${text} ~ '^[0-9]{1,18}$' THEN (${text})::bigint END`

/** SQL for the elements of a JSON document; none where it is no list. */
export const elementsOf = (json: string): string =>
  `jsonb_array_elements(CASE jsonb_typeof(${json}) WHEN 'array' THEN ${json} END)`
