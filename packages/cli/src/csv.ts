import Papa from 'papaparse'

/** A file that cannot be used, said in sentences for the person who gave it. Nothing was written because of it. */
export class FileFault extends Error {
  override name = 'FileFault'
}

/** One thing wrong with one cell: the line as an editor shows it, the column by its name in the header. */
export type CellFault = Readonly<{ line: number; column: string; says: string }>

/** One record: the line of the file on which it begins, and its cells. */
export type Row = Readonly<{ line: number; cells: readonly string[] }>

/** A CSV file as it was found. The SHA-256 is that of its unpacked bytes: plain and gzipped, it is the same file. */
export type CsvFile = Readonly<{ path: string; bytes: Uint8Array; sha256: string }>

/** Reads a CSV file, plain or gzipped. */
export async function readCsvFile(path: string): Promise<CsvFile> {
  const file = Bun.file(path)
  if (!(await file.exists())) throw new FileFault(`There is no file ${path}.`)
  const stored = await file.bytes()
  const bytes = stored[0] === 0x1f && stored[1] === 0x8b ? unpacked(stored, path) : stored
  return { path, bytes, sha256: new Bun.CryptoHasher('sha256').update(bytes).digest('hex') }
}

/** Bytes decoded and parsed at once, so that a large file costs little more memory than its bytes. */
const PIECE_BYTES = 1 << 22

/**
 * Hands over every record that is not an empty line, in file order. A record may span several lines, so lines are
 * counted in the text itself: Papa Parse counts records, and another popular parser counts a quoted CRLF twice.
 */
export function eachRow(file: CsvFile, take: (row: Row, fault?: CellFault) => void): void {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const { bytes } = file
  let line = 1
  let rest = ''
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    const isLast = from + PIECE_BYTES >= bytes.length
    const text = rest + decoded(decoder, bytes.subarray(from, from + PIECE_BYTES), isLast, file)
    const end = eachRecord(text, isLast, (cells, begin, end, broken) => {
      if (broken) take({ line, cells }, quoteFault(line))
      else if (cells.length > 1 || cells[0] !== '') take({ line, cells })
      line += lineBreaks(text, begin, end)
    })
    rest = text.slice(end)
  }
}

type TakeRecord = (cells: string[], begin: number, end: number, broken: boolean) => void

/**
 * Hands over the records of a text and returns where the last one ended. Unless the text is the last one, its last
 * record may go on in the next text, so it is left for then.
 */
function eachRecord(text: string, isLast: boolean, take: TakeRecord): number {
  let held: { cells: string[]; end: number; broken: boolean } | undefined
  let begin = 0
  const takeHeld = () => {
    if (!held) return
    take(held.cells, begin, held.end, held.broken)
    begin = held.end
  }
  Papa.parse<string[]>(text, {
    delimiter: ',',
    // A fixed line end reads files that mix both kinds; the carriage return is taken off the last cell.
    newline: '\n',
    step: ({ data, errors, meta }) => {
      takeHeld()
      const cells = data as unknown as string[]
      const last = cells.length - 1
      if (cells[last]?.endsWith('\r')) cells[last] = cells[last].slice(0, -1)
      held = { cells, end: meta.cursor, broken: errors.length > 0 }
    },
  })
  if (isLast) takeHeld()
  return begin
}

function lineBreaks(text: string, begin: number, end: number): number {
  let breaks = 0
  for (let at = text.indexOf('\n', begin); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) breaks++
  return breaks
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
const quoteFault = (line: number): CellFault => ({
  line,
  column: 'of the record that begins here',
  says: 'a quotation mark is not closed, or stands inside a quoted cell without being doubled',
})

function unpacked(bytes: Uint8Array<ArrayBuffer>, path: string): Uint8Array<ArrayBuffer> {
  try {
    return Bun.gunzipSync(bytes)
  } catch {
    throw new FileFault(`${path} is gzipped, but damaged or incomplete.`)
  }
}

function decoded(decoder: TextDecoder, bytes: Uint8Array, isLast: boolean, file: CsvFile): string {
  try {
    return decoder.decode(bytes, { stream: !isLast })
  } catch {
    throw new FileFault(`${file.path} is not UTF-8 in line ${firstBrokenLine(file.bytes)}; save it as "CSV UTF-8".`)
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
