/** Cursors are opaque to clients: base64url of where an item stands in its list. */
export const encodeCursor = (position: string): string => Buffer.from(position).toString('base64url')

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The position a cursor names, or null when the text cannot be one of ours. */
export function decodeCursor(cursor: string): string | null {
  if (!/^[A-Za-z0-9_-]{1,1024}$/.test(cursor)) return null
  try {
    const position = decoder.decode(Buffer.from(cursor, 'base64url'))
    // Only the one spelling that we write is taken, and no control characters, which no position has.
    return encodeCursor(position) === cursor && !/\p{Cc}/u.test(position) ? position : null
  } catch {
    return null
  }
}
