import { BadSetting, databaseSetting, isMongo, textSetting } from '@abasto/chassis/config'
import { exitCodeOf, type Output, readArguments, terminal, UsageError } from './command.ts'
import { addressOf } from './verify/address.ts'
import { askPostgres, CannotVerify, type EmbeddedFolder, embeddedFolders, inFolder } from './verify/databases.ts'
import { type Ask, documentOf, type Findings, report, totalOf, verify } from './verify/findings.ts'
import { verifyMongo } from './verify/mongodb/verify.ts'
import { expectFinished } from './verify/unfinished.ts'

const help = `Usage: abasto verify [options]

Adds up the ledger of an inventory database and holds stock levels, reservations, purchases and operations against it.
Changes nothing; the service may go on working meanwhile, except on an embedded database, which has one user at a time.
Ends with 0 when all is right, with 1 when something differs, with 2 when it could not be checked.

  --database URL     the PostgreSQL or MongoDB of the inventory service (default INVENTORY_DATABASE_URL, else the
                     embedded database in ABASTO_DATA, or in .abasto)
  --json             the findings as one JSON document
  -h, --help         this text
`

const options = {
  database: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** `abasto verify`; returns the exit code. */
export function runVerify(
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
      const findings = await findingsOf(values.database, environment)
      if (values.json) output.say(JSON.stringify(documentOf(findings), null, 2))
      else for (const line of report(findings)) output.say(line)
      return totalOf(findings) === 0 ? 0 : 1
    } catch (failure) {
      if (!(failure instanceof CannotVerify || failure instanceof BadSetting)) throw failure
      output.complain(failure.message)
      return 2
    }
  })
}

/** Of the database that is meant: what was typed, else what the service itself would open. */
function findingsOf(typed: string | undefined, environment: Environment): Promise<Findings> {
  const url =
    typed === undefined ? databaseSetting(environment, 'INVENTORY_DATABASE_URL') : addressOf('--database', typed)
  if (url === undefined) return inFolder(embeddedOf(typed, environment), verifyFinished)
  return isMongo(url) ? verifyMongo(url, { isFinished: true }) : verifyFinished(askPostgres(url))
}

async function verifyFinished(ask: Ask): Promise<Findings> {
  await expectFinished(ask)
  return verify(ask)
}

type Environment = Readonly<Record<string, string | undefined>>

function embeddedOf(typed: string | undefined, environment: Environment): EmbeddedFolder {
  if (typed !== undefined) throw new UsageError('--database is empty.')
  const data = textSetting(environment, 'ABASTO_DATA', '.abasto')
  const [folder, other] = embeddedFolders(data)
  if (folder && other) {
    throw new CannotVerify(
      `There are two embedded databases, ${folder.folder} and ${other.folder}: name the folder with ABASTO_DATA, or ` +
        'take away the one that is not used.',
    )
  }
  if (folder) return folder
  throw new CannotVerify(
    `There is no database to check: INVENTORY_DATABASE_URL is not set, and the folder ${data} holds none.`,
  )
}
