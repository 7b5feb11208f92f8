import { Contention, OutcomeUnknown } from '@abasto/chassis/database/database'
import { type Failure, fail, ok, type Result, unavailable } from '@abasto/kernel'
import {
  type BlankBooks,
  type Books,
  type Course,
  type Portion,
  SECTIONS,
  type Section,
  type Sections,
  type Sum,
  type Tally,
  type Unfinished,
} from './books.ts'
import { added, NOTHING } from './record-sums.ts'

/** For how long a store that does not answer is asked again, in milliseconds. */
const PATIENCE_MS = 60_000

const PAUSE_MS = 200

/** That a record of the same key is there: in SQL, and in MongoDB. */
const DUPLICATE = ['23505', '11000']

/** That a note of a copy is there. */
const THERE_ALREADY = ['42P07', '11000']

export type Copying = Readonly<{
  /** Nobody may write to it meanwhile: that somebody did is noticed, and then the copy is not finished. */
  source: Books
  target: BlankBooks
  /** The address of the source, without what must not be shown. */
  from: string
  /** Called before the first record is copied: what is to be done before a copy is begun, but not when it goes on. */
  beforeFirst?: () => Promise<Result<void>>
  /** Told how far it is. */
  watcher?: Watcher
}>

export type Watcher = Readonly<{
  /** All records are gone through twice. `done` is how many were by an earlier run. */
  begin: (work: 'copying' | 'reading back', done: number, total: number) => void
  went: (records: number) => void
}>

const nobody: Watcher = { begin: () => {}, went: () => {} }

/** How many records of each section were copied. */
export type Copied = Readonly<Record<Section, number>>

/**
 * Copies all books of a store into another that is blank, or goes on with such a copy where it was, and then reads back
 * what was written. The note of an unfinished copy stays in the target: whoever is content with it calls `finish`.
 */
export async function copyBooks(copying: Copying): Promise<Result<Copied>> {
  const { source, target, watcher = nobody } = copying
  const begun = await beginning(copying)
  if (!begun.ok) return begun
  // It was read back by an earlier run, and may have been sold from since.
  if (begun.value.isWhole) return ok(countsOf(begun.value.course))
  const total = totalOf(begun.value.course.tally)
  watcher.begin('copying', countOf(begun.value.course), total)

  const copied = await copyAll(copying, begun.value)
  if (!copied.ok) return copied
  const { tally, sums } = copied.value
  if (!isSame(await asking(source.tally), tally)) return fail(SOURCE_CHANGED)
  const unlike = SECTIONS.filter((section) => sums[section]!.count !== tally.counts[section])
  if (unlike.length > 0) return fail(SOURCE_CHANGED)
  watcher.begin('reading back', 0, total)
  return readBack(target, sums, watcher)
}

/** Opens the books of a copy that is whole. Where nobody answers, the note in the target tells what became of it. */
export async function finishCopy(target: BlankBooks): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; ; await Bun.sleep(PAUSE_MS)) {
    try {
      return await target.finish()
    } catch (error) {
      if (!isPassing(error) || Date.now() > until) throw error
      if (!(await asking(target.unfinished))) return
    }
  }
}

/** Where the copy stands: at its beginning, or where an earlier run of the same copy left it. */
async function beginning({ source, target, from, beforeFirst }: Copying): Promise<Result<Unfinished>> {
  const earlier = await asking(target.unfinished)
  const tally = await asking(source.tally)
  if (earlier) {
    if (earlier.course.source !== from) return fail(copiedFromElsewhere(earlier.course.source))
    return earlier.isWhole || isSame(earlier.course.tally, tally) ? ok(earlier) : fail(SOURCE_CHANGED)
  }
  if (!(await asking(target.isBlank))) return fail(TARGET_NOT_EMPTY)
  const first = await beforeFirst?.()
  if (first && !first.ok) return first
  const course: Course = { source: from, tally, section: SECTIONS[0]!, after: null, sums: {} }
  try {
    if (!(await target.begin(course))) return fail(TARGET_NOT_EMPTY)
  } catch (error) {
    if (!(error instanceof Contention)) throw error
    return fail(THERE_ALREADY.includes(error.sqlState) ? COPIED_BY_ANOTHER : TARGET_IN_USE)
  }
  return ok({ step: 0, course })
}

async function copyAll(
  { source, target, watcher = nobody }: Copying,
  { step, course }: Unfinished,
): Promise<Result<Course>> {
  const read = ({ section, after }: Course) =>
    section === 'done' ? undefined : asking(reading(source, section, after))
  let ahead = read(course)
  while (ahead) {
    const { section } = course as Course & { section: Section }
    const portion = await ahead
    const next = advanced(course, section, portion)
    // While this portion is written the next one is read. If the writing fails, nobody waits for it any more.
    ahead = read(next)
    ahead?.catch(() => {})
    const written = await write(target, section, portion.records, step, next)
    if (!written.ok) return written
    watcher.went(portion.records.length)
    course = next
    step++
  }
  return ok(course)
}

function advanced(course: Course, section: Section, { records, last }: Portion<Section>): Course {
  const sums = { ...course.sums, [section]: added(section, course.sums[section] ?? NOTHING, records) }
  if (last !== null) return { ...course, sums, after: last }
  return { ...course, sums, section: SECTIONS[SECTIONS.indexOf(section) + 1] ?? 'done', after: null }
}

/**
 * Writes, and finds out what became of it when nobody answers: the note in the target has moved on with the records, or
 * neither has.
 */
async function write<S extends Section>(
  target: BlankBooks,
  section: S,
  records: readonly Sections[S][],
  step: number,
  next: Course,
): Promise<Result<void>> {
  let unanswered: Contention | OutcomeUnknown | undefined
  for (const until = Date.now() + PATIENCE_MS; ; await Bun.sleep(PAUSE_MS)) {
    try {
      if (await target.write(section, records, step, next)) return ok(undefined)
      // What nobody had answered may have been done only after the note was looked at; otherwise it was another.
      if (!unanswered) return fail(COPIED_BY_ANOTHER)
    } catch (error) {
      if (!isPassing(error)) throw error
      unanswered = error
    }
    const now = (await asking(target.unfinished))?.step
    if (now === step + 1) return ok(undefined)
    if (now !== step) return fail(COPIED_BY_ANOTHER)
    // Serialization failures pass; that a record is there already does not.
    if (unanswered instanceof Contention && DUPLICATE.includes(unanswered.sqlState)) return fail(TARGET_WRITTEN)
    if (Date.now() > until) return fail(unavailable(`The target does not answer: ${unanswered.message}.`))
  }
}

async function readBack(target: Books, sums: Course['sums'], watcher: Watcher): Promise<Result<Copied>> {
  const unlike: Section[] = []
  const counts: Partial<Record<Section, number>> = {}
  for (const section of SECTIONS) {
    const found = await sumOf(target, section, watcher)
    counts[section] = found.count
    const wanted = sums[section]!
    if (found.count !== wanted.count || found.hash !== wanted.hash) unlike.push(section)
  }
  return unlike.length === 0 ? ok(counts as Copied) : fail(copyDiffers(unlike))
}

/** All records of a section, counted and added up. */
async function sumOf(books: Books, section: Section, { went }: Watcher): Promise<Sum> {
  let sum = NOTHING
  let after: string | null = null
  do {
    const portion: Portion<Section> = await asking(reading(books, section, after))
    sum = added(section, sum, portion.records)
    went(portion.records.length)
    after = portion.last
  } while (after !== null)
  return sum
}

const reading = (books: Books, section: Section, after: string | null) => () => books.read<Section>(section, after)

const isSame = (one: Tally, other: Tally): boolean =>
  one.versions === other.versions && SECTIONS.every((section) => one.counts[section] === other.counts[section])

const totalOf = ({ counts }: Tally): number => SECTIONS.reduce((sum, section) => sum + counts[section], 0)

const countsOf = ({ sums }: Course): Copied =>
  Object.fromEntries(SECTIONS.map((section) => [section, sums[section]?.count ?? 0])) as Copied

const countOf = ({ sums }: Course): number => Object.values(sums).reduce((sum, { count }) => sum + count, 0)

const isPassing = (error: unknown): error is Contention | OutcomeUnknown =>
  error instanceof OutcomeUnknown || error instanceof Contention

/** Asks what changes nothing, again and again while a store does not answer. */
async function asking<T>(ask: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + PATIENCE_MS; ; await Bun.sleep(PAUSE_MS)) {
    try {
      return await ask()
    } catch (error) {
      if (!isPassing(error) || Date.now() > until) throw error
    }
  }
}

const refusal = (code: string, message: string): Failure => ({ kind: 'conflict', code, message })

const TARGET_NOT_EMPTY = refusal(
  'target_not_empty',
  'The target is not empty: it has an inventory of its own, and nothing of it was changed.',
)

const SOURCE_CHANGED = refusal(
  'source_changed',
  'The source was written to after the copy had begun, so the target is not a copy of it. Stop what writes to the ' +
    'source, empty the target, and copy again.',
)

const COPIED_BY_ANOTHER = refusal('copied_by_another', 'Another process is copying into the target: let it finish.')

const TARGET_IN_USE = refusal(
  'target_in_use',
  'The target cannot be closed to others while they hold on to its tables: end what reads or writes there, and run the ' +
    'same command again.',
)

const TARGET_WRITTEN = refusal(
  'target_written',
  'Something else writes to the target. Stop it, empty the target, and copy again.',
)

const copiedFromElsewhere = (source: string): Failure =>
  refusal(
    'copied_from_elsewhere',
    `The target holds a copy of ${source} that is not finished: go on with that one, or empty the target.`,
  )

const copyDiffers = (sections: readonly Section[]): Failure =>
  refusal(
    'copy_differs',
    `What is in the target is not what was read from the source: ${sections.join(', ')} differ. Stop whatever writes ` +
      'to the target, empty it, and copy again.',
  )
