import type { Collections } from '@abasto/inventory/infrastructure/mongodb/documents'
import type { Document } from 'mongodb'
import type { Note } from './books.ts'
import type { Moment, Moments } from './moments.ts'
import { tally } from './streams.ts'

/**
 * What lies in several collections under one name, such as a purchase and its movement. The collections are read at
 * different moments, so of what is written meanwhile one side may be seen without the other. Whatever seems wrong is
 * therefore looked at again, all of it at one moment: what is really wrong is so still.
 */
export type Gathered<Group> = Readonly<{
  /** Notes what is wrong with a group. */
  check: (note: Note, name: string, group: Group) => void
  /** The same groups at one moment. */
  again: (moment: Moment, groups: ReadonlyMap<string, Group>) => Promise<ReadonlyMap<string, Group>>
}>

/** How many groups are looked at again at one moment. */
const AT_ONCE = 5_000

/** Checks groups, and notes what is wrong at one moment still. */
export async function settle<Group>(
  { at }: Moments,
  note: Note,
  { check, again }: Gathered<Group>,
  groups: ReadonlyMap<string, Group>,
): Promise<void> {
  const suspicious: [string, Group][] = []
  for (const [name, group] of groups) {
    let isWrong = false
    const see: Note = (_fault, _where, _expected, _found, isSo = true) => {
      isWrong ||= isSo
    }
    check(see, name, group)
    if (isWrong) suspicious.push([name, group])
  }
  for (let from = 0; from < suspicious.length; from += AT_ONCE) {
    const some = new Map(suspicious.slice(from, from + AT_ONCE))
    const fresh = await at((moment) => again(moment, some))
    for (const [name, group] of fresh) check(note, name, group)
  }
}

/** A relation of which millions are alike: sums are compared, and only where they differ all of it is gathered. */
export type Relation<Group> = Readonly<{
  /** Adds what one side says. `put` is for what is so new that the other side may not have been seen with it. */
  add: (side: 'one' | 'other', name: string, at: Date, said: string, put: (group: Group) => void) => void
  settle: () => Promise<void>
}>

export type Relating<Group> = Gathered<Group> &
  Readonly<{
    nothing: () => Group
    /** All groups whose names are in a part of all names. */
    gather: (part: Part) => Promise<ReadonlyMap<string, Group>>
    /** How many there are, about. */
    count: () => Promise<number>
  }>

/**
 * `since` divides what was there long before anything was read from what is written meanwhile. Of the first the sums of
 * both sides are the same however long the reading takes; the second is kept one by one.
 */
export function relation<Group>(moments: Moments, note: Note, since: Date, relating: Relating<Group>): Relation<Group> {
  const sums = { one: tally(), other: tally() }
  const recent = new Map<string, Group>()
  return {
    add: (side, name, at, said, put) => {
      if (at < since) return sums[side].add(said)
      const group = recent.get(name) ?? relating.nothing()
      recent.set(name, group)
      put(group)
    },
    settle: async () => {
      if (sums.one.text() === sums.other.text()) return settle(moments, note, relating, recent)
      for (const part of partsOf(await relating.count(), moments.partSize)) {
        await settle(moments, note, relating, await relating.gather(part))
      }
    },
  }
}

/** A part of all names: what matches a field that has such a name. */
export type Part = (field: string) => Document | undefined

/** Parts of about the same size, by the last digits of ids, which are random; what ends otherwise is in the last one. */
export function partsOf(count: number, size: number): Part[] {
  const most = Math.ceil(count / size)
  if (most <= 1) return [() => undefined]
  const endings = most <= 16 ? DIGITS : DIGITS.flatMap((one) => DIGITS.map((other) => one + other))
  const each = Math.ceil(endings.length / most)
  const groups = Array.from({ length: Math.ceil(endings.length / each) }, (_, at) =>
    endings.slice(at * each, (at + 1) * each),
  )
  const matching = (found: readonly string[]) => new RegExp(`(?:${found.join('|')})$`)
  return groups.map(
    (group, at) => (field) =>
      at < groups.length - 1
        ? { [field]: matching(group) }
        : { [field]: { $not: matching(groups.slice(0, -1).flat()) } },
  )
}

const DIGITS = [...'0123456789abcdef']

/** Reads a part of a collection into groups. */
export async function gatherInto<Group, Row extends { _id: string }>(
  { scan }: Moments,
  groups: Map<string, Group>,
  nothing: () => Group,
  { from, match, fields, nameOf, put }: Gathering<Group, Row>,
): Promise<void> {
  await scan<Row>(from, { ...(match ? { match } : {}), ...(fields ? { fields } : {}) }, (rows) => {
    for (const row of rows) {
      const name = nameOf(row)
      const group = groups.get(name) ?? nothing()
      groups.set(name, group)
      put(group, row)
    }
  })
}

export type Gathering<Group, Row> = Readonly<{
  from: keyof Collections
  match?: Document | undefined
  fields?: Document
  nameOf: (row: Row) => string
  put: (group: Group, row: Row) => void
}>

/** Both conditions, or the one there is. */
export const both = (one: Document | undefined, other: Document | undefined): Document | undefined =>
  one && other ? { $and: [one, other] } : (one ?? other)
