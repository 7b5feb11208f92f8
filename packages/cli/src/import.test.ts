import { expect, test } from 'bun:test'
import { fakeShop } from './fake-shop.ts'
import { importProducts, runImport } from './import.ts'
import { withFile } from './temporary-file.ts'

/** 20 MB are made and read; a busy machine may need more than the usual five seconds. */
const SLOW = 60_000

const header = 'sku,name,description,price,currency,quantity\n'
const lamp = 'LAMP-1,Desk lamp,"Brass,\nwith a green shade.",12.50,EUR,3\n'

test('creates every product with its stock, whatever the order of the columns', async () => {
  const { shop, stock } = fakeShop()

  const imported = await imports(
    shop,
    `quantity,price,sku,currency,description,name\n3,12.50,LAMP-1,EUR,,Lamp\n0,9,CHAIR,JPY,,Chair\n`,
  )

  expect(imported).toEqual({ done: 2, taken: [], stocked: [] })
  expect(Object.fromEntries(stock())).toEqual({ 'LAMP-1': 3, CHAIR: 0 })
})

test('run again it makes nothing twice, and after an interruption it goes on', async () => {
  const { shop, stock, seen } = fakeShop()
  const text = header + lamp + rows(200)
  seen.failAfter = 150
  await expect(imports(shop, text)).rejects.toThrow('The connection was lost')
  seen.failAfter = Number.POSITIVE_INFINITY

  const second = await imports(shop, text)
  const third = await imports(shop, text)

  expect(second.done).toBe(201)
  expect(third).toEqual(second)
  expect(stock().size).toBe(201)
  expect(stock().get('LAMP-1')).toBe(3)
})

test('a SKU that another product has is reported by its line, and the rest is imported', async () => {
  const { shop, stock } = fakeShop()
  await shop.products.create({ sku: 'P7', name: 'Else', price: '1', currency: 'EUR' }, { idempotencyKey: 'else' })

  const imported = await imports(shop, header + rows(10))

  expect(imported.done).toBe(9)
  expect(imported.taken).toMatchObject([{ sku: 'P7', line: 9 }])
  expect(stock().get('P8')).toBe(8)
})

test('a broken cell stops the file before the first write, named by line and column', async () => {
  const broken = `${header}${lamp}CHAIR,"Oak\nchair",,abc,EUR,1\nTABLE,Table,,12.345,EUR,1.5\nLAMP-1,Lamp,,1,XXX,-1\n`

  const message = await refusal(broken)

  expect(message.split('\n').slice(1)).toEqual([
    '  line 4, column name: "Oak\\nchair" must be 1 to 255 characters on one line',
    '  line 5, column price: "abc" is not a price such as 12.50',
    '  line 6, column price: "12.345": EUR has 2 decimals, not 3.',
    '  line 6, column quantity: "1.5" is not a whole number of units from 0 on',
    '  line 7, column currency: "XXX" is not an ISO 4217 currency code such as EUR',
    '  line 7, column quantity: "-1" is not a whole number of units from 0 on',
    '  line 7, column sku: "LAMP-1" stands in line 2 already',
  ])
})

test('what the server would refuse is refused here: prices, quantities, names, NUL', async () => {
  const cells = { name: 'Lamp', price: '1', quantity: '1' }
  const tries: [Partial<typeof cells>, string][] = [
    [{ price: '1e3' }, 'price'],
    [{ price: '-1' }, 'price'],
    [{ price: '9999999999999' }, 'price'],
    [{ quantity: '9007199254740992' }, 'quantity'],
    [{ quantity: '' }, 'quantity'],
    [{ name: 'x'.repeat(10_000) }, 'name'],
    [{ name: 'La\0mp' }, 'name'],
  ]
  for (const [change, column] of tries) {
    const { name, price, quantity } = { ...cells, ...change }
    expect(await refusal(`${header}LAMP,${name},,${price},EUR,${quantity}\n`)).toContain(`line 2, column ${column}:`)
  }
})

test('a header that lacks a column, or has one that nobody knows, is told by name', async () => {
  expect(await refusal('sku,name,description,currency,quantity\n')).toContain('lacks "price"')
  expect(await refusal('sku,name,description,price,currency,quantity,colour\n')).toContain('"colour" is not known')
  expect(await refusal('sku,sku,name,description,price,currency,quantity\n')).toContain('"sku" stands there twice')
  expect(await refusal('sku;name;price\n')).toContain('separated by commas')
  expect(await refusal('')).toContain('is empty')
  expect(await refusal(`${header}LAMP,Lamp\n`)).toContain('line 2, column description: the record has 2 cells')
})

test('of many broken cells twenty are spelled out and the rest is counted', async () => {
  const message = await refusal(header + rows(30).replaceAll('EUR', 'euro'))

  expect(message.match(/column currency/g)?.length).toBe(20)
  expect(message).toContain('and 10 more')
})

test(
  'a file with a broken row 400,000 is refused whole',
  async () => {
    const text = header + rows(400_100).replace('\nP399998,', '\nP399998,Product,,free,EUR,1\nQ,')

    const message = await refusal(text)

    expect(message).toContain('line 400000, column price: "free"')
    expect(message).toContain('nothing was written')
  },
  SLOW,
)

test('says in one sentence what is wrong with the arguments, and leaves with 2', async () => {
  expect(await run([])).toEqual({ code: 2, said: expect.stringContaining('FILE is missing.') })
  expect(await run(['a.csv', 'b.csv'])).toEqual({
    code: 2,
    said: expect.stringContaining('"b.csv" is one argument too many.'),
  })
  expect(await run(['--fast'])).toEqual({ code: 2, said: expect.stringContaining("Unknown option '--fast'.") })
  expect(await run(['--help'])).toEqual({ code: 0, said: expect.stringContaining('Usage: abasto import FILE') })
  expect(await run(['no-such-file.csv'])).toEqual({ code: 1, said: 'There is no file no-such-file.csv.' })
})

const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => `P${i},Product ${i},,${i}.99,EUR,${i}\n`).join('')

const imports = (abasto: Parameters<typeof importProducts>[0]['abasto'], text: string) =>
  withFile(text, (file) => importProducts({ file, abasto }))

/** The message of a file that must be refused; fails when anything was written. */
async function refusal(text: string): Promise<string> {
  const { shop, seen } = fakeShop()
  const message = await imports(shop, text).then(
    () => 'it was imported',
    (fault: Error) => fault.message,
  )
  expect(seen.writes).toBe(0)
  return message
}

async function run(args: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = []
  const code = await runImport(args, { say: (text) => said.push(text), complain: (text) => said.push(text) })
  return { code, said: said.join('\n') }
}
