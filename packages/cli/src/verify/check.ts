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
