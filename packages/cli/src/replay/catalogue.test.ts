import { expect, test } from 'bun:test'
import { openCatalogue, roundToPence } from './catalogue.ts'

test('rounds to pence on the digits as written, half a penny up', () => {
  expect(['6.95', '3', '2.1', '0.001', '0.005', '1.994', '1.995', '9.999'].map(roundToPence)).toEqual([
    '6.95',
    '3.00',
    '2.10',
    '0.00',
    '0.01',
    '1.99',
    '2.00',
    '10.00',
  ])
})

test('the price is the first above 0, the name the most frequent of the lines with a price', () => {
  const [lamp, chair, box] = catalogueOf(
    { sku: '11111', price: 0, description: 'damaged?' },
    { sku: '11111', price: 2.5, description: 'LAMP' },
    { sku: '11111', price: 3, description: 'DESK  LAMP' },
    { sku: '22222', price: 0, description: 'found' },
    { sku: '11111', price: 3, description: 'DESK LAMP' },
    { sku: '33333A', price: 1, description: 'BOX' },
    { sku: '33333A', price: 1, description: 'CRATE' },
  )

  expect(lamp).toMatchObject({ sku: '11111', price: '2.50', name: 'DESK LAMP', firstLine: 2 })
  expect(chair).toMatchObject({ sku: '22222', price: '0.00', name: '22222', firstLine: 5 })
  expect(box).toMatchObject({ sku: '33333A', name: 'BOX' })
})

function catalogueOf(...lines: { sku: string; price: number; description: string }[]) {
  const catalogue = openCatalogue()
  for (const [at, line] of lines.entries()) {
    const rest = { number: at + 2, invoice: '1', quantity: 1, customer: '', priceText: String(line.price) }
    catalogue.note({ ...line, ...rest })
  }
  return catalogue.listings()
}
