/**
 * Wrong forms of the statement that writes stock, made from the right one, so that the proof can show that it would
 * find them. Each throws when the statement no longer looks as it expects: a planted fault that is not planted would
 * prove nothing.
 */

/** Updates where the version still is the one that was read, locks nothing first, and gates the inserts on a count. */
export function tearing(statement: string): string {
  const update = cut(statement, /updated AS \([\s\S]*?\n\), (?=opened AS)/)
  const at = cut(statement, /\$\d+::text::timestamptz(?= AS at)/).found
  const naive = update.found
    .replaceAll('(SELECT at FROM given)', at)
    .replace(/ AND e\.decision NOT IN \(SELECT decision FROM lost\)/, ' AND s.version = e.version RETURNING e.decision')
  const unlocked = replaced(update.rest, /\n {2}ORDER BY l\.product_id, l\.warehouse_id\n {2}FOR UPDATE OF l/, '')
  const counted = replaced(
    unlocked,
    /lost AS MATERIALIZED \([\s\S]*?\n\), /,
    `${naive}lost AS MATERIALIZED (
  SELECT e.decision FROM expected e WHERE e.version IS NOT NULL AND e.next_version IS NOT NULL GROUP BY e.decision
  HAVING count(*) <> (SELECT count(*) FROM updated u WHERE u.decision = e.decision)
), `,
  )
  return counted
}

/** Locks as it should, but takes a row for unchanged when its version is the expected one. */
export const countingVersionsOnly = (statement: string): string =>
  replaced(
    statement,
    /\(l\.version, l\.on_hand[\s\S]*?\n\s+AS is_as_read/,
    'l.version IS NOT DISTINCT FROM e.version AS is_as_read',
  )

function cut(text: string, what: RegExp): { found: string; rest: string } {
  const found = what.exec(text)?.[0]
  if (!found) throw new Error(`nothing in the statement looks like ${what}`)
  return { found, rest: text.replace(found, '') }
}

const replaced = (text: string, what: RegExp, by: string): string => {
  const { found } = cut(text, what)
  return text.replace(found, () => by)
}
