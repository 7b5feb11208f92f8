import { readCsvFile } from '../csv.ts'
import { hasProduct, type Listing, openCatalogue } from './catalogue.ts'
import { type NumberedLine, readLines } from './file.ts'
import { type Rule, ruleNames, ruleOf, rules, unitsOf } from './rules.ts'

/**
 * A year as it will be sent: the products, and the stock commands in file order. The commands stand in columns, not in
 * objects: half a million of them take 7 MB.
 */
export type Plan = Readonly<{
  sha256: string
  /** Records of the file, the header not counted. */
  lines: number
  /** `invoiced_at` of the first and the last record, as written. */
  from: string
  to: string
  counts: Readonly<Record<Rule, number>>
  products: readonly Listing[]
  commands: Commands
}>

export type Commands = Readonly<{
  count: number
  /** The line of the file. */
  line: Int32Array
  /** The place of its product in the list of products. */
  product: Int32Array
  /** Signed change of the stock. */
  units: Int32Array
  /** The place of its rule in `ruleNames`. */
  rule: Uint8Array
}>

/** Reads and judges the whole file; throws a `FileFault` when a line cannot be understood. */
export async function planReplay(path: string): Promise<Plan> {
  const file = await readCsvFile(path)
  return { sha256: file.sha256, ...planLines((take) => readLines(file, take)) }
}

/** The plan for the lines that `read` hands over. */
export function planLines(read: (take: (line: NumberedLine) => void) => void): Omit<Plan, 'sha256'> {
  const catalogue = openCatalogue()
  const judged = { line: [] as number[], product: [] as number[], quantity: [] as number[], rule: [] as number[] }
  // Whether an invoice has a price may only be known at its last line, so these few are judged again at the end.
  const unpaid: { at: number; line: NumberedLine }[] = []
  const pricedInvoices = new Set<string>()
  let from = ''
  let to = ''
  let lastInvoice = ''

  read((line) => {
    if (judged.line.length === 0) from = line.invoicedAt
    to = line.invoicedAt
    if (line.price > 0 && line.invoice !== lastInvoice) {
      lastInvoice = line.invoice
      pricedInvoices.add(line.invoice)
    }
    const rule = ruleOf(line, false)
    if (rule === 'found') unpaid.push({ at: judged.line.length, line })
    judged.line.push(line.number)
    judged.product.push(hasProduct(line) ? catalogue.note(line) : -1)
    judged.quantity.push(line.quantity)
    judged.rule.push(ruleNames.indexOf(rule))
  })
  for (const { at, line } of unpaid) {
    judged.rule[at] = ruleNames.indexOf(ruleOf(line, pricedInvoices.has(line.invoice)))
  }

  const counts = Object.fromEntries(ruleNames.map((name) => [name, 0])) as Record<Rule, number>
  for (const rule of judged.rule) counts[ruleNames[rule] as Rule]++
  const commands = commandsOf(judged, counts)
  for (let i = 0; i < commands.count; i++) {
    const units = commands.units[i] as number
    if (units < 0) catalogue.leave(commands.product[i] as number, -units)
  }
  return { lines: judged.line.length, from, to, counts, products: catalogue.listings(), commands }
}

type Judged = { line: number[]; product: number[]; quantity: number[]; rule: number[] }

function commandsOf(judged: Judged, counts: Record<Rule, number>): Commands {
  let count = 0
  for (const name of ruleNames) if (rules[name].becomes !== 'nothing') count += counts[name]
  const commands = {
    count,
    line: new Int32Array(count),
    product: new Int32Array(count),
    units: new Int32Array(count),
    rule: new Uint8Array(count),
  }
  let next = 0
  for (const [at, rule] of judged.rule.entries()) {
    const name = ruleNames[rule] as Rule
    if (rules[name].becomes === 'nothing') continue
    commands.line[next] = judged.line[at] as number
    commands.product[next] = judged.product[at] as number
    commands.units[next] = unitsOf(name, judged.quantity[at] as number)
    commands.rule[next] = rule
    next++
  }
  return commands
}
