/** What no statement of a service may be, and why; each rule says whether a statement breaks it. */
export type Rule = Readonly<{
  forbidden: string
  isBroken: (statement: string, volatile: ReadonlySet<string>) => boolean
}>

/** The rules for SQL, on statements as `plain` leaves them. */
export const RULES: readonly Rule[] = [
  {
    // A connection that breaks between two statements may be followed by another that knows nothing of the first.
    forbidden: 'a transaction of several messages',
    isBroken: matches(/(^|; )(begin|start transaction|commit|end|rollback|abort|savepoint|prepare transaction)\b/),
  },
  // The next three belong to a session or to one server: behind a pooler, or over several servers, they say nothing.
  { forbidden: 'an advisory lock', isBroken: matches(/\bpg_(try_)?advisory_/) },
  { forbidden: 'LISTEN and NOTIFY', isBroken: matches(/(^|; )(un)?listen\b|(^|; )notify\b|\bpg_notify\b/) },
  {
    forbidden: 'a setting or a statement that belongs to a session',
    isBroken: matches(/(^|; )(set (?!local\b)|reset |discard |prepare |deallocate |declare )|\bcreate (local )?temp/),
  },
  {
    forbidden: 'a number from a sequence',
    isBroken: matches(
      /\bcreate sequence\b|\b(small|big)?serial\b|\bnextval ?\(|\bgenerated (always|by default) as identity\b/,
    ),
  },
  { forbidden: 'a trigger', isBroken: matches(/\bcreate (or replace )?(constraint )?(event )?trigger\b/) },
  // It hides that somebody else was quicker, of which the unique violation would have told.
  { forbidden: 'ON CONFLICT DO NOTHING', isBroken: matches(/\bon conflict\b[^;]*?\bdo nothing\b/) },
  {
    // Each partition would evaluate it anew.
    forbidden: 'a volatile function in an UPDATE',
    isBroken: (statement, volatile) =>
      updatesIn(statement).some((update) =>
        [...update.matchAll(/\b(\w+) ?\(/g)].some(([, name]) => volatile.has(name!)),
      ),
  },
  {
    forbidden: 'a change of what the ledger says',
    isBroken: matches(/\b(update|delete from|truncate|truncate table) (only )?(inventory\.)?"?movements\b/),
  },
]

/** Which of the rules a statement breaks. */
export const faultsOf = (statement: string, volatile: ReadonlySet<string>): string[] =>
  RULES.filter(({ isBroken }) => isBroken(plain(statement), volatile)).map(({ forbidden }) => forbidden)

/** A statement in small letters, on one line, without comments and without what stands in quotes. */
export const plain = (statement: string): string =>
  statement
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .toLowerCase()
    .replaceAll('"', '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?; ?/g, '; ')
    .trim()

function matches(pattern: RegExp): Rule['isBroken'] {
  return (statement) => pattern.test(statement)
}

/** Every UPDATE in a statement, also that of an ON CONFLICT, each up to the end of the brackets that it stands in. */
function updatesIn(statement: string): string[] {
  return [...statement.matchAll(/\bupdate (?:[\w. ]+? )?set /g)].map(({ index }) => {
    let depth = 0
    for (let end = index; end < statement.length; end++) {
      if (statement[end] === '(') depth++
      else if (statement[end] === ';' || (statement[end] === ')' && --depth < 0)) return statement.slice(index, end)
    }
    return statement.slice(index)
  })
}
