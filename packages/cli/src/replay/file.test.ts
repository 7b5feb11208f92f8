import { expect, test } from 'bun:test'
import { type NumberedLine, readLines } from './file.ts'

const ours = 'invoice,stock_code,description,quantity,invoiced_at,unit_price,customer_id,country\n'
const published = 'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n'

test('reads the published names and the ways in which its dates are written', () => {
  const lines = read(
    `${published}489434, 85123a ,LAMP ,12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom\n` +
      'c489449,22423,CAKESTAND,-12,1/12/2009 7:45,6.95,,Eire\n489450,22423,CAKESTAND,1,01/12/09 07:45,0.001,,Eire\n',
  )

  expect(lines).toMatchObject([
    { number: 2, sku: '85123A', description: 'LAMP', quantity: 12, price: 6.95, customer: '13085.0' },
    { number: 3, invoice: 'C489449', quantity: -12, customer: '' },
    { number: 4, price: 0.001, priceText: '0.001' },
  ])
})

test('a line that cannot be understood stops the file, named by line and column', () => {
  const good = '489434,85048,"A\nLAMP",12,2009-12-01T07:45:00Z,6.95,13085,United Kingdom\n'
  const text = `${ours}${good}1,1,,dozen,2009-12-01T07:45:00Z,1,,\n1,1,,1,yesterday,1,,\n1,1,,1,2009-12-01T07:45:00Z,free,,\n1,1\n`

  expect(() => read(text)).toThrow(
    [
      '  line 4, column quantity: "dozen" is not a whole number of at most a thousand million units',
      '  line 5, column invoiced_at: "yesterday" is not a date and time',
      '  line 6, column unit_price: "free" is not a price',
      '  line 7, column 2: the record has 2 cells, the header 8',
    ].join('\n'),
  )
})

test('a file with other columns is refused by their names', () => {
  expect(() => read('sku,name\n')).toThrow('the column "sku" is not known')
  expect(() => read(published.replace('Price,', ''))).toThrow('the header row lacks "unit_price"')
  expect(() => read('')).toThrow('is empty')
})

function read(text: string): NumberedLine[] {
  const lines: NumberedLine[] = []
  readLines({ path: 'file.csv', bytes: Buffer.from(text), sha256: '' }, (line) => lines.push(line))
  return lines
}
