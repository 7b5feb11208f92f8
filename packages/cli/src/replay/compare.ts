import { exitCodeOf, type Output, readArguments, serverHelp, serverOptions, terminal } from '../command.ts'
import { connect } from '../connection.ts'
import { FileFault } from '../csv.ts'
import { forEachAtMost } from '../in-flight.ts'
import { count, showProgress } from '../progress.ts'

const help = `Usage: bun packages/cli/src/replay/compare.ts EXPECTED [options]

Holds what scripts/replay-oracle.py computed (EXPECTED, its JSON) against what the API reports: the stock of every
product, and every movement of it, folded. Exit code 0 when there is not one difference, otherwise 1.

  --report FILE      also hold the refused lines against those of \`abasto replay --report FILE\`
${serverHelp}
`

/** What the oracle says of one product. */
type ExpectedProduct = Readonly<{
  price: string
  opening: number
  remaining: number
  sales: number
  returns: number
  adjustments: number
}>

export type Expected = Readonly<{
  sha256: string
  openingStock: number
  refused: readonly number[]
  products: Readonly<Record<string, ExpectedProduct>>
}>

/** What is read of the API; `Abasto` has this shape. */
export type Books = Readonly<{
  products: { list(options: { pageSize: number }): AsyncIterable<{ id: string; sku: string; price: string }> }
  inventory: {
    list(options: { pageSize: number }): AsyncIterable<{ id: string; quantity: number; available: number }>
    movements(productId: string, options: { pageSize: number }): AsyncIterable<Movement>
  }
}>

type Movement = Readonly<{ kind: string; onHandChange: number; onHandAfter: number; sequence: number }>

const PAGE = { pageSize: 100 }
const WIDTH = 16

/** Every difference between what must be and what the API says, one sentence each. */
export async function differences(
  expected: Expected,
  books: Books,
  step: () => void = () => {},
): Promise<{ differences: string[]; movements: number }> {
  const found: string[] = []
  const ids = new Map<string, string>()
  for await (const { id, sku, price } of books.products.list(PAGE)) {
    ids.set(sku, id)
    const product = expected.products[sku]
    if (!product) found.push(`${sku}: is in the shop, but not in the file`)
    else if (product.price !== price) found.push(`${sku}: costs ${price}, not ${product.price}`)
  }
  const stock = new Map<string, number>()
  for await (const { id, quantity, available } of books.inventory.list(PAGE)) {
    stock.set(id, quantity)
    if (available !== quantity) found.push(`${id}: ${available} available of ${quantity}, though nothing is reserved`)
  }

  let movements = 0
  await forEachAtMost(WIDTH, Object.entries(expected.products), async ([sku, product]) => {
    const id = ids.get(sku)
    const quantity = id === undefined ? undefined : stock.get(id)
    if (id === undefined || quantity === undefined) found.push(`${sku}: is not in the shop`)
    else {
      if (quantity !== product.remaining) found.push(`${sku}: ${quantity} units remain, not ${product.remaining}`)
      const ledger = await fold(books.inventory.movements(id, PAGE))
      movements += ledger.count
      found.push(...faultsOf(ledger, product, quantity).map((fault) => `${sku}: ${fault}`))
    }
    step()
  })
  return { differences: found.sort(), movements }
}

type Ledger = { count: number; onHand: number; faults: string[]; kinds: Record<string, number>; opening: number }

/** Adds the movements up, and sees that each follows from the one before. */
async function fold(movements: AsyncIterable<Movement>): Promise<Ledger> {
  const ledger: Ledger = { count: 0, onHand: 0, faults: [], kinds: {}, opening: 0 }
  for await (const { kind, onHandChange, onHandAfter, sequence } of movements) {
    ledger.count++
    ledger.onHand += onHandChange
    ledger.kinds[kind] = (ledger.kinds[kind] ?? 0) + 1
    if (kind === 'receipt') ledger.opening += onHandChange
    if (sequence !== ledger.count) ledger.faults.push(`movement ${ledger.count} has the sequence ${sequence}`)
    if (onHandAfter !== ledger.onHand)
      ledger.faults.push(`movement ${sequence} leaves ${onHandAfter}, not ${ledger.onHand}`)
    if (ledger.onHand < 0) ledger.faults.push(`movement ${sequence} goes below zero`)
  }
  return ledger
}

function faultsOf(ledger: Ledger, product: ExpectedProduct, quantity: number): string[] {
  const faults = ledger.faults.slice(0, 3)
  const mustBe = (what: string, is: number, must: number) => {
    if (is !== must) faults.push(`${what}: ${is}, not ${must}`)
  }
  mustBe('the sum of its movements', ledger.onHand, quantity)
  mustBe('opening stock', ledger.opening, product.opening)
  mustBe('sales', ledger.kinds.sale ?? 0, product.sales)
  mustBe('returns', ledger.kinds.return ?? 0, product.returns)
  mustBe('adjustments', ledger.kinds.adjustment ?? 0, product.adjustments)
  return faults
}

/** The lines that one side refuses and the other does not. */
export function refusalDifferences(
  expected: Pick<Expected, 'sha256' | 'openingStock' | 'refused'>,
  report: Readonly<{ file: { sha256: string }; openingStock: number; refused: readonly number[] }>,
): string[] {
  if (report.file.sha256 !== expected.sha256 || report.openingStock !== expected.openingStock) {
    return ['The report and the expectation are not of the same file and opening stock']
  }
  const must = new Set(expected.refused)
  const did = new Set(report.refused)
  return [
    ...expected.refused.filter((line) => !did.has(line)).map((line) => `line ${line}: must be refused, and was not`),
    ...report.refused.filter((line) => !must.has(line)).map((line) => `line ${line}: was refused, and must not be`),
  ]
}

/** Returns the exit code. */
export function runCompare(args: string[], output: Output = terminal): Promise<number> {
  return exitCodeOf(output, help, async () => {
    const options = { ...serverOptions, report: { type: 'string' } } as const
    const { values, positionals } = readArguments(args, options, ['EXPECTED'])
    if (values.help) {
      output.say(help)
      return 0
    }
    const expected = (await readJson(positionals[0] as string)) as Expected
    const found: string[] = []
    if (values.report !== undefined) {
      const report = (await readJson(values.report)) as Parameters<typeof refusalDifferences>[1]
      found.push(...refusalDifferences(expected, report))
      output.say(`${count(expected.refused.length)} lines must be refused, ${count(report.refused.length)} were.`)
    }
    const products = Object.keys(expected.products).length
    // An expectation without products would agree with anything.
    if (products === 0) throw new FileFault(`${positionals[0]} expects no products at all.`)

    const { abasto } = await connect(values)
    const progress = showProgress('Comparing', products)
    const result = await differences(expected, abasto, progress.step).finally(progress.end)
    found.push(...result.differences)
    for (const difference of found.slice(0, 50)) output.complain(difference)
    output.say(`${count(products)} products, ${count(result.movements)} movements: ${count(found.length)} differences.`)
    return found.length === 0 ? 0 : 1
  })
}

async function readJson(path: string): Promise<unknown> {
  try {
    return await Bun.file(path).json()
  } catch {
    throw new FileFault(`${path} cannot be read as JSON.`)
  }
}

if (import.meta.main) process.exitCode = await runCompare(process.argv.slice(2))
