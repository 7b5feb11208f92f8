/** The members that were given: a message says nothing of what was not. */
export function given<Members extends Readonly<Record<string, unknown>>>(members: Members): Given<Members> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<Members>
}

type Given<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> }

/** A whole number as messages carry it. */
export const whole = (number: number | undefined): bigint | undefined =>
  number === undefined ? undefined : BigInt(number)

/** The same as the surface has it. What is beyond 2^53 is no longer exact; whatever checks it refuses it all the same. */
export const numberOf = (sent: bigint | undefined): number | undefined =>
  sent === undefined ? undefined : Number(sent)

/** Names of the surface and what they are on the wire, in either direction. */
export function words<Name extends string, Sent extends number>(sent: Readonly<Record<Name, Sent>>) {
  const names = new Map(Object.entries(sent).map(([name, number]) => [number as Sent, name as Name]))
  return {
    sent: (name: Name): Sent => sent[name],
    /** The name that a message gives; undefined when it gives none that we know. */
    name: (number: Sent): Name | undefined => names.get(number),
    /** The name in an answer of our own service. */
    known: (number: Sent): Name => {
      const name = names.get(number)
      if (name === undefined) throw new Error(`The inventory service answered with ${number}, which has no name here.`)
      return name
    },
  }
}

/** What an answer of our own service always carries. */
export function always<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The inventory service answered without what its answer always carries.')
  return value
}
