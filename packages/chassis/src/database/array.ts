/**
 * Arrays as PostgreSQL writes them (`{1,2,NULL}`), for statements that take whole columns and `unnest` them. They are
 * passed as text and cast in the statement (`$1::text::uuid[]`), so every driver hands them over untouched.
 */

/** For types whose text needs no quoting: numbers, uuids, booleans, moments. */
export const plainArray = (values: readonly (string | number | boolean | null)[]): string =>
  // Joining is several times as fast as adding the texts up, but leaves out what is null.
  `{${(values.includes(null) ? values.map((value) => value ?? 'NULL') : values).join()}}`

/** For any text: every element is quoted. */
export function textArray(values: readonly (string | null)[]): string {
  // JSON quotes as an array does, and is written natively; but a backslash before a letter means something else here.
  const json = JSON.stringify(values)
  return OTHERWISE_ESCAPED.test(json) ? `{${values.map(quoted).join()}}` : `{${json.slice(1, -1)}}`
}

const OTHERWISE_ESCAPED = /\\[^"\\]/

const quoted = (value: string | null): string => (value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`)
