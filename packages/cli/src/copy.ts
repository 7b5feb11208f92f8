import { BadSetting, type Environment, partitionsSetting } from '@abasto/chassis/config'
import { Contention, OutcomeUnknown } from '@abasto/chassis/database/database'
import { FolderInUse } from '@abasto/chassis/database/folder-lock'
import { refusalOf } from '@abasto/chassis/process/mongo-store'
import { CannotOpenStore } from '@abasto/chassis/process/store'
import { type Copied, copyBooks, finishCopy } from '@abasto/inventory/application/copying'
import { fail, ok, type Result } from '@abasto/kernel'
import { exitCodeOf, type Output, readArguments, terminal, UsageError } from './command.ts'
import { CannotCopy } from './copy/cannot-copy.ts'
import { expectApart, expectFolder, expectNoDatabaseAround } from './copy/folders.ts'
import { type OpenPlace, openSource, openTarget, type Place, placeOf } from './copy/places.ts'
import { count, type Progress, showProgress, silent } from './progress.ts'
import { CannotVerify } from './verify/databases.ts'
import { report, totalOf } from './verify/findings.ts'

const help = `Usage: abasto copy --from ADDRESS --to ADDRESS

Copies the inventory of one database into another that has none: warehouses, levels, reservations, holds, movements,
purchases and the records of operations. Stop the services of the source first: a source that is written to meanwhile
is noticed, and the copy is not finished. Interrupted, the same command goes on where it was. In the end the copy is
read back, and its ledger is verified; until then no service starts on it.
Ends with 0 when the copy is finished, with 1 when something differs, with 2 when it could not be copied.

  --from ADDRESS     what is copied, and changed in nothing
  --to ADDRESS       a database without an inventory; a folder need not exist
  -h, --help         this text

An address is postgres://user:password@host/database, mongodb://host/database, or a folder with an embedded database,
as ABASTO_DATA names it. With POSTGRES_PARTITIONS set, the tables of a new PostgreSQL are made in so many partitions.
`

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** `abasto copy`; returns the exit code. */
export function runCopy(
  args: string[],
  output: Output = terminal,
  environment: Environment = process.env,
): Promise<number> {
  return exitCodeOf(output, help, async () => {
    const { values } = readArguments(args, options, [])
    if (values.help) {
      output.say(help)
      return 0
    }
    try {
      const [from, to] = [placeOf('--from', values.from), placeOf('--to', values.to)]
      if (from.name === to.name) throw new UsageError('--from and --to are the same database.')
      if (to.kind === 'folder') {
        if (from.kind === 'folder') expectApart(from.address, to.address)
        expectFolder(to.address)
        expectNoDatabaseAround(to.address)
      }
      const partitions = partitionsSetting(environment, { '--to': to.kind === 'folder' ? undefined : to.address })
      return await copy(from, to, { partitions, output })
    } catch (failure) {
      const sentence = sentenceOf(failure)
      if (sentence === undefined) throw failure
      output.complain(sentence)
      return 2
    }
  })
}

async function copy(
  from: Place,
  to: Place,
  { partitions, output }: Readonly<{ partitions: number | undefined; output: Output }>,
): Promise<number> {
  await using opening = new AsyncDisposableStack()
  const source = await openSource(from)
  opening.defer(source.close)
  if (await source.books.unfinished()) {
    throw new CannotCopy(`The inventory at ${from.name} is itself a copy that is not finished.`)
  }
  const target = await openTarget(to, { partitions })
  opening.defer(target.close)

  let progress: Progress = silent
  const copied = await copyBooks({
    source: source.books,
    target: target.books,
    from: from.name,
    beforeFirst: () => soundness(source, from),
    watcher: {
      begin: (work, done, total) => {
        progress.end()
        if (done > 0) output.complain(`Going on after ${count(done)} of ${count(total)} records.`)
        progress = showProgress(work === 'copying' ? 'Copying' : 'Reading back', total - done)
      },
      went: (records) => progress.step(records),
    },
  }).finally(() => progress.end())
  if (!copied.ok) {
    output.complain(copied.error.message)
    return DIFFERS.includes(copied.error.code) ? 1 : 2
  }

  const findings = await target.verify()
  for (const line of report(findings)) output.say(line)
  if (totalOf(findings) > 0) return 1
  await finishCopy(target.books)
  output.say(`${summary(copied.value)} are in ${to.name} as they are in ${from.name}.`)
  return 0
}

/** The codes of refusals that say what is there differs from what should be. */
const DIFFERS: readonly string[] = ['copy_differs', 'source_unsound']

/** Books that do not add up are not copied: nobody could tell afterwards where they went wrong. */
async function soundness({ verify }: OpenPlace, { name }: Place): Promise<Result<void>> {
  const total = totalOf(await verify())
  if (total === 0) return ok(undefined)
  const message =
    `The ledger at ${name} does not equal its balances, so nothing was copied: "abasto verify" names each of the ` +
    `${count(total)} differences.`
  return fail({ kind: 'conflict', code: 'source_unsound', message })
}

const summary = ({ movements, levels, reservations, purchases, operations, warehouses }: Copied): string =>
  [
    some(movements, 'movement'),
    some(levels, 'level'),
    some(reservations, 'reservation'),
    some(purchases, 'purchase'),
    `${some(operations, 'operation')} and ${some(warehouses, 'warehouse')}`,
  ].join(', ')

const some = (number: number, what: string): string => `${count(number)} ${what}${number === 1 ? '' : 's'}`

/** What was expected to fail, as a sentence for a person. */
function sentenceOf(failure: unknown): string | undefined {
  if (failure instanceof OutcomeUnknown) {
    return `${failure.message}. ${AGAIN}`
  }
  if (failure instanceof Contention) {
    return `One of the two databases is in use by others: ${failure.message}. End what reads or writes there. ${AGAIN}`
  }
  if (failure instanceof FolderInUse) {
    return `${failure.message.split('. ')[0]}, and an embedded database has one user at a time: stop that one first.`
  }
  // To begin a copy takes more rights than to make ready what is made ready already.
  const refusal = refusalOf(failure)
  if (refusal !== undefined) return `One of the two databases cannot be used: ${refusal}.`
  const isExpected = [CannotCopy, CannotVerify, CannotOpenStore, BadSetting].some((kind) => failure instanceof kind)
  if (isExpected) return (failure as Error).message
  // What a database or the file system refuses has a code; what Node calls so is a fault of this program.
  const { code, message } = failure as Partial<Record<'code' | 'message', unknown>>
  if (!(failure instanceof Error) || code === undefined || String(code).startsWith('ERR_')) return undefined
  return `The copy stopped: ${String(message).replace(/\.$/, '')}. ${AGAIN}`
}

const AGAIN = 'Run the same command again: it goes on where it was.'
