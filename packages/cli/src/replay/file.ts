import {
  type CellFault,
  type CsvFile,
  eachRow,
  FileFault,
  lineOfCell,
  MOST_FAULTS,
  type Row,
  reportFaults,
} from '../csv.ts'
import { readHeader } from '../header.ts'
import type { Line } from './rules.ts'

/** One line with its number, and its price as written: rounding is the catalogue's affair. */
export type NumberedLine = Line & Readonly<{ number: number; priceText: string; invoicedAt: string }>

// Our own names first, then those of the published file.
const headings = {
  invoice: ['invoice', 'Invoice'],
  stock_code: ['stock_code', 'StockCode'],
  description: ['description', 'Description'],
  quantity: ['quantity', 'Quantity'],
  invoiced_at: ['invoiced_at', 'InvoiceDate'],
  unit_price: ['unit_price', 'Price', 'UnitPrice'],
  customer_id: ['customer_id', 'Customer ID', 'CustomerID'],
  country: ['country', 'Country'],
} as const
type Column = keyof typeof headings

/** More than any retailer puts on one line, and far below what a sum over a year could lose exactness by. */
const MOST_UNITS = 1_000_000_000

/** Reads every line; one that cannot be understood is a fault of the file, and all of them are told together. */
export function readLines(file: CsvFile, take: (line: NumberedLine) => void): void {
  const { path } = file
  const faults: CellFault[] = []
  let faultCount = 0
  let places: Places | undefined
  eachRow(file, (row, fault) => {
    if (!places && !fault) {
      places = readHeader(path, row.cells, headings)
      return
    }
    const read = fault ?? readLine(row, places as Places)
    if (!('says' in read)) take(read)
    else if (++faultCount <= MOST_FAULTS) faults.push(read)
  })
  if (faultCount > 0) throw reportFaults(path, faults, faultCount)
  if (!places) throw new FileFault(`${path} is empty; the first line must name the columns.`)
}

type Places = Record<Column, number>

function readLine(row: Row, places: Places): NumberedLine | CellFault {
  const { line, cells } = row
  if (cells.length !== WIDTH) {
    return { line, column: String(cells.length), says: `the record has ${cells.length} cells, the header ${WIDTH}` }
  }
  const cell = (column: Column) => cells[places[column]] as string
  const fault = (column: Column, what: string): CellFault => ({
    line: lineOfCell(row, places[column]),
    column,
    says: `${JSON.stringify(cell(column).slice(0, 60))} is not ${what}`,
  })
  const quantity = Number(cell('quantity'))
  if (!/^-?[0-9]{1,10}$/.test(cell('quantity')) || Math.abs(quantity) > MOST_UNITS) {
    return fault('quantity', 'a whole number of at most a thousand million units')
  }
  if (!/^-?[0-9]{1,12}(\.[0-9]+)?$/.test(cell('unit_price'))) return fault('unit_price', 'a price')
  if (!isMoment(cell('invoiced_at'))) return fault('invoiced_at', 'a date and time')
  return {
    number: line,
    invoice: cell('invoice').trim().toUpperCase(),
    sku: cell('stock_code').trim().toUpperCase(),
    description: cell('description').trim(),
    quantity,
    price: Number(cell('unit_price')),
    priceText: cell('unit_price'),
    customer: cell('customer_id').trim(),
    invoicedAt: cell('invoiced_at'),
  }
}

const WIDTH = Object.keys(headings).length

/** RFC 3339, `2009-12-01 07:45:00`, or what spreadsheets make of it in their countries: `1/12/2009 07:45`. */
const isMoment = (cell: string) =>
  /^([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4})[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.0+)?)?Z?$/.test(
    cell,
  )
