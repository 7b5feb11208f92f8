import { gunzipSync } from 'node:zlib'
import Papa from 'papaparse'

/** A file that cannot be used, said in sentences for the person who gave it. Nothing was written because of it. */
export class FileFault extends Error {
  override name = 'FileFault'
}

/** One thing wrong with one cell: the line as an editor shows it, the column by its name in the header. */
export type CellFault = Readonly<{ line: number; column: string; says: string }>

/** One record: the line of the file on which it begins, and its cells. */
export type Row = Readonly<{ line: number; cells: readonly string[] }>

/** The text of a CSV file, plain or gzipped, and the SHA-256 of that text: both forms have the same one. */
export async function readCsvFile(path: string): Promise<{ text: string; sha256: string }> {
  const file = Bun.file(path)
  if (!(await file.exists())) throw new FileFault(`There is no file ${path}.`)
  const stored = await file.bytes()
  const bytes = stored[0] === 0x1f && stored[1] === 0x8b ? unpacked(stored, path) : stored
  return { text: textOf(bytes, path), sha256: new Bun.CryptoHasher('sha256').update(bytes).digest('hex') }
}

/**
 * Hands over every record that is not an empty line, in file order. A record may span several lines, so the count is
 * taken from the text itself: Papa Parse counts records, and another popular parser counts a quoted CRLF twice.
 */
export function eachRow(text: string, take: (row: Row, fault?: CellFault) => void): void {
  let line = 1
  let from = 0
  Papa.parse<string[]>(text, {
    delimiter: ',',
    // A fixed line end reads files that mix both kinds; the carriage return is taken off the last cell below.
    newline: '\n',
    step: ({ data, errors, meta }) => {
      const cells = data as unknown as string[]
      const last = cells.length - 1
      if (cells[last]?.endsWith('\r')) cells[last] = cells[last].slice(0, -1)
      const row = { line, cells }
      if (errors.length > 0) take(row, quoteFault(row))
      else if (last > 0 || cells[0] !== '') take(row)
      for (let end = text.indexOf('\n', from); end !== -1 && end < meta.cursor; end = text.indexOf('\n', from)) {
        line++
        from = end + 1
      }
    },
  })
}

/** The line on which a cell begins: the record's own, and the line breaks inside the cells before it. */
export function lineOfCell(row: Row, index: number): number {
  let line = row.line
  for (const cell of row.cells.slice(0, index)) line += cell.split('\n').length - 1
  return line
}

/** All faults of a file in one message, at most 20 of them spelled out. */
export function reportFaults(path: string, faults: readonly CellFault[], total = faults.length): FileFault {
  const shown = faults.slice(0, MOST_FAULTS)
  const lines = shown.map(({ line, column, says }) => `  line ${line}, column ${column}: ${says}`)
  if (total > shown.length) lines.push(`  and ${total - shown.length} more`)
  return new FileFault(`${path} cannot be used; nothing was written.\n${lines.join('\n')}`)
}

/** How many faults are spelled out before the rest is only counted. */
export const MOST_FAULTS = 20

// The parser goes on as if the quote were closed much later, so only the beginning of the record can be trusted.
function quoteFault(row: Row): CellFault {
  const says = 'a quotation mark is not closed, or stands inside a quoted cell without being doubled'
  return { line: row.line, column: 'of the record that begins here', says }
}

function unpacked(bytes: Uint8Array<ArrayBuffer>, path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(gunzipSync(bytes))
  } catch {
    throw new FileFault(`${path} is gzipped, but damaged or incomplete.`)
  }
}

function textOf(bytes: Uint8Array<ArrayBuffer>, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new FileFault(`${path} is not UTF-8 in line ${firstBrokenLine(bytes)}; save it as "CSV UTF-8".`)
  }
}

function firstBrokenLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from)
    const upTo = end === -1 ? bytes.length : end
    try {
      decoder.decode(bytes.subarray(from, upTo))
    } catch {
      return line
    }
    from = upTo + 1
  }
  return line
}
