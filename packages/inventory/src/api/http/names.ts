import type { Failure, Result } from '@abasto/kernel'

/** The path of a fault in the command, said in the names that the API has for its members. */
export function inNamesOfApi<T>(result: Result<T>, names: Readonly<Record<string, string>>): Result<T> {
  if (result.ok || !result.error.at) return result
  const at = result.error.at.map((name) => names[name] ?? name)
  return { ...result, error: { ...result.error, at } satisfies Failure }
}

/** The same of a command with lines, of which the document is the only one. */
export function ofOneLine<T>(result: Result<T>): Result<T> {
  if (result.ok || result.error.at?.[0] !== 'lines') return result
  return { ...result, error: { ...result.error, at: result.error.at.slice(2) } }
}

/** A fault in what the address names is at no place of the document. */
export function ofAddress<T>(result: Result<T>, name: string): Result<T> {
  if (result.ok || result.error.at?.[0] !== name) return result
  const { at: _, ...error } = result.error
  return { ...result, error }
}
