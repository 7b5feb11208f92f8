/**
 * Arrays as PostgreSQL writes them (`{1,2,NULL}`), for statements that take whole columns and `unnest` them. They are
 * passed as text and cast in the statement (`$1::text::uuid[]`), so every driver hands them over untouched.
 */

/** For types whose text needs no quoting: numbers, uuids, booleans, moments. */
export function plainArray(values: readonly (string | number | boolean | null)[]): string {
  let text = '{'
  for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ',') + (values[i] ?? 'NULL')
  return `${text}}`
}

/** For any text: every element is quoted. */
export function textArray(values: readonly (string | null)[]): string {
  let text = '{'
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null
    text += (i === 0 ? '' : ',') + (value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`)
  }
  return `${text}}`
}
