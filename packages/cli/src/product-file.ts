import { products } from '@abasto/contract/products'
import { decimalsOf, parseMoney } from '@abasto/kernel'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import {
  type CellFault,
  type CsvFile,
  eachRow,
  FileFault,
  lineOfCell,
  MOST_FAULTS,
  type Row,
  reportFaults,
} from './csv.ts'
import { readHeader } from './header.ts'

/** One product as the file describes it, with its opening quantity. */
export type ProductRow = Readonly<{
  /** The line of the file on which it begins. */
  line: number
  sku: string
  name: string
  description: string
  price: string
  currency: string
  quantity: number
}>

const columns = ['sku', 'name', 'description', 'price', 'currency', 'quantity'] as const
type Column = (typeof columns)[number]

const headings = Object.fromEntries(columns.map((name) => [name, [name]])) as Record<Column, string[]>

/** Reads and checks the whole file; throws a `FileFault` that names every broken cell when there is one. */
export function readProducts(file: CsvFile): ProductRow[] {
  const { path } = file
  const found: ProductRow[] = []
  const lineOfSku = new Map<string, number>()
  const faults: CellFault[] = []
  let faultCount = 0
  let places: Record<Column, number> | undefined

  eachRow(file, (row, fault) => {
    if (!places) {
      if (fault) throw reportFaults(path, [fault])
      places = readHeader(path, row.cells, headings)
      return
    }
    const faultsOfRow = fault ? [fault] : check(row, places, lineOfSku)
    faultCount += faultsOfRow.length
    if (faults.length < MOST_FAULTS) faults.push(...faultsOfRow)
    if (faultCount === 0) found.push(productOf(row, places))
  })

  if (!places) throw new FileFault(`${path} is empty; the first line must name the columns ${columns.join(', ')}.`)
  if (faultCount > 0) throw reportFaults(path, faults, faultCount)
  return found
}

function check(row: Row, places: Record<Column, number>, lineOfSku: Map<string, number>): CellFault[] {
  const width = columns.length
  if (row.cells.length !== width) {
    const column = columns.find((name) => places[name] === row.cells.length) ?? String(width + 1)
    return [{ line: row.line, column, says: `the record has ${row.cells.length} cells, the header ${width}` }]
  }
  const faults: CellFault[] = []
  for (const column of columns) {
    const says = faultOf[column](cellOf(row, places, column), cellOf(row, places, 'currency'))
    if (says) faults.push({ line: lineOfCell(row, places[column]), column, says })
  }
  const sku = cellOf(row, places, 'sku')
  const line = lineOfCell(row, places.sku)
  const earlier = lineOfSku.get(sku)
  if (earlier === undefined) lineOfSku.set(sku, line)
  else faults.push({ line, column: 'sku', says: `${shown(sku)} stands in line ${earlier} already` })
  return faults
}

function productOf(row: Row, places: Record<Column, number>): ProductRow {
  const cell = (column: Column) => cellOf(row, places, column)
  return {
    line: row.line,
    sku: cell('sku'),
    name: cell('name'),
    description: cell('description'),
    price: cell('price'),
    currency: cell('currency'),
    quantity: Number(cell('quantity')),
  }
}

const cellOf = (row: Row, places: Record<Column, number>, column: Column) => row.cells[places[column]]?.trim() ?? ''

// The contract's own schemas, so that a checked file holds nothing that the server would refuse.
const { sku, name, description, price, currency } = products.attributes
const allowed = (schema: TSchema) => {
  const compiled = Compile(schema)
  return (cell: string) => compiled.Check(cell) && !cell.includes('\0')
}
const longest = (schema: TSchema) => ('maxLength' in schema ? schema.maxLength : 'any number of')
const isSku = allowed(sku.schema)
const isName = allowed(name.schema)
const isDescription = allowed(description.schema)
const isAmount = allowed(price.schema)
const isCurrency = allowed(currency.schema)

/** What is wrong with a cell of each column, or undefined. */
const faultOf: Record<Column, (cell: string, currency: string) => string | undefined> = {
  sku: (cell) =>
    isSku(cell) ? undefined : `${shown(cell)} must be 1 to ${longest(sku.schema)} characters on one line`,
  name: (cell) =>
    isName(cell) ? undefined : `${shown(cell)} must be 1 to ${longest(name.schema)} characters on one line`,
  description: (cell) =>
    isDescription(cell) ? undefined : `must be at most ${longest(description.schema)} characters, none of them NUL`,
  price: (cell, currency) => {
    if (!isAmount(cell)) return `${shown(cell)} is not a price such as 12.50`
    // A currency that is not known is the fault of its own cell; the price is judged once that is mended.
    const money = decimalsOf(currency) === undefined ? undefined : parseMoney(cell, currency)
    return money && !money.ok ? `${shown(cell)}: ${money.error.message}` : undefined
  },
  currency: (cell) =>
    isCurrency(cell) && decimalsOf(cell) !== undefined
      ? undefined
      : `${shown(cell)} is not an ISO 4217 currency code such as EUR`,
  quantity: (cell) =>
    /^(0|[1-9][0-9]*)$/.test(cell) && Number.isSafeInteger(Number(cell))
      ? undefined
      : `${shown(cell)} is not a whole number of units from 0 on`,
}

/** A cell in quotation marks, shortened so that it fits on a line and cannot move the terminal's cursor. */
function shown(cell: string): string {
  const text = cell.length > 60 ? `${cell.slice(0, 60)}…` : cell
  return JSON.stringify(text)
}
