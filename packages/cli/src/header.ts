import { FileFault } from './csv.ts'

/**
 * Where each wanted column stands. `names` gives, for each, the headings it may have; upper and lower case and spaces
 * around a heading do not matter.
 */
export function readHeader<Column extends string>(
  path: string,
  cells: readonly string[],
  names: Readonly<Record<Column, readonly string[]>>,
): Record<Column, number> {
  const wanted = Object.keys(names) as Column[]
  const places: Partial<Record<Column, number>> = {}
  for (const [place, cell] of cells.entries()) {
    const heading = cell.trim().toLowerCase()
    const column = wanted.find((name) => names[name].some((known) => known.toLowerCase() === heading))
    if (column === undefined) throw new FileFault(unknownColumn(path, cell, cells, wanted))
    if (places[column] !== undefined) throw new FileFault(`${path}, line 1: the column "${column}" stands there twice.`)
    places[column] = place
  }
  const missing = wanted.filter((column) => places[column] === undefined)
  if (missing.length > 0) {
    throw new FileFault(`${path}, line 1: the header row lacks ${missing.map((name) => `"${name}"`).join(', ')}.`)
  }
  return places as Record<Column, number>
}

function unknownColumn(path: string, cell: string, cells: readonly string[], wanted: readonly string[]): string {
  if (cells.length === 1 && /[;\t]/.test(cell)) return `${path}, line 1: the cells must be separated by commas.`
  return `${path}, line 1: the column "${cell.trim().slice(0, 80)}" is not known; the columns are ${wanted.join(', ')}.`
}
