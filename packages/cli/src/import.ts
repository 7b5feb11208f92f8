import { exitCodeOf, type Output, readArguments, serverHelp, serverOptions, stoppedAt, terminal } from './command.ts'
import { connect } from './connection.ts'
import { readCsvFile } from './csv.ts'
import { forEachAtMost } from './in-flight.ts'
import { type ProductRow, readProducts } from './product-file.ts'
import { count, type Progress, showProgress, silent } from './progress.ts'
import { codeOf, type Shop } from './shop.ts'

const help = `Usage: abasto import FILE [options]

Creates the products of a CSV file with their opening stock. The first line names the columns, in any order:
sku, name, description, price, currency, quantity. The whole file is checked before anything is written; every broken
cell is named by line and column. Run again, or after an interruption, it goes on where it was: nothing is made twice.

${serverHelp}
`

/** Requests under way at once: enough to fill the server's batches, few enough for its memory. */
const WIDTH = 64

/** What became of the rows of a file. */
export type Imported = Readonly<{
  /** Rows whose product and stock are there now, made by this run or by an earlier one of the same file. */
  done: number
  /** Rows whose SKU belongs to a product that this file did not make; nothing of it was changed. */
  taken: readonly ProductRow[]
  /** Rows whose product was made by this file, but had been given stock by someone else before. */
  stocked: readonly ProductRow[]
}>

type ProgressOf = (total: number) => Progress

/** Checks the whole file, then creates its products and their inventory. Throws a `FileFault` before the first write. */
export async function importProducts(input: { file: string; abasto: Shop; progress?: ProgressOf }): Promise<Imported> {
  return createProducts(input.abasto, await checkFile(input.file), input.progress)
}

type CheckedFile = Readonly<{ sha256: string; rows: readonly ProductRow[] }>

async function checkFile(path: string): Promise<CheckedFile> {
  const file = await readCsvFile(path)
  return { sha256: file.sha256, rows: readProducts(file) }
}

async function createProducts(abasto: Shop, file: CheckedFile, progress: ProgressOf = () => silent): Promise<Imported> {
  const { rows, sha256 } = file
  const taken: ProductRow[] = []
  const stocked: ProductRow[] = []
  const shown = progress(rows.length)
  try {
    await forEachAtMost(WIDTH, rows, async (row) => {
      const verdict = await createProduct(abasto, row, `import:${sha256}:${row.line}`)
      if (verdict === 'taken') taken.push(row)
      if (verdict === 'stocked') stocked.push(row)
      shown.step()
    })
  } finally {
    shown.end()
  }
  const inFileOrder = (a: ProductRow, b: ProductRow) => a.line - b.line
  const done = rows.length - taken.length - stocked.length
  return { done, taken: taken.sort(inFileOrder), stocked: stocked.sort(inFileOrder) }
}

async function createProduct(abasto: Shop, row: ProductRow, key: string): Promise<'done' | 'taken' | 'stocked'> {
  const { line, quantity, ...product } = row
  try {
    const { id } = await abasto.products.create(product, { idempotencyKey: key })
    await abasto.inventory.create({ productId: id, quantity }, { idempotencyKey: key })
    return 'done'
  } catch (failure) {
    if (codeOf(failure) === 'sku_taken') return 'taken'
    if (codeOf(failure) === 'inventory_exists') return 'stocked'
    throw stoppedAt(line, row.sku, failure)
  }
}

/** `abasto import`; returns the exit code. */
export function runImport(args: string[], output: Output = terminal): Promise<number> {
  return exitCodeOf(output, help, async () => {
    const { values, positionals } = readArguments(args, serverOptions, ['FILE'])
    if (values.help) {
      output.say(help)
      return 0
    }
    // The file comes first: what is wrong with it is told even when no server runs.
    const file = await checkFile(positionals[0] as string)
    const { abasto, server } = await connect(values)
    const imported = await createProducts(abasto, file, (total) => showProgress('Importing', total))
    report(output, imported, server)
    return imported.taken.length + imported.stocked.length === 0 ? 0 : 1
  })
}

function report(output: Output, { done, taken, stocked }: Imported, server: string): void {
  output.say(`${count(done)} products of this file are in the shop with their stock: ${server}/api/v1/inventory`)
  list(output, taken, 'not imported, because another product has this SKU; that product was not changed')
  list(output, stocked, 'created, but not stocked, because someone had opened its inventory before')
}

function list(output: Output, rows: readonly ProductRow[], says: string): void {
  if (rows.length === 0) return
  output.complain(`${count(rows.length)} ${rows.length === 1 ? 'product was' : 'products were'} ${says}:`)
  for (const row of rows.slice(0, 20)) output.complain(`  line ${row.line}, SKU ${row.sku}`)
  if (rows.length > 20) output.complain(`  and ${count(rows.length - 20)} more`)
}
