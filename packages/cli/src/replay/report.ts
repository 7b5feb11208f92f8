import { count } from '../progress.ts'
import { type OpeningStock, openingUnits } from './opening-stock.ts'
import type { Plan } from './plan.ts'
import { type Rule, ruleNames, rules } from './rules.ts'
import type { Outcome } from './year.ts'

/** What is kept of a run for those who check it: `abasto replay --report FILE` writes it as JSON. */
export type ReplayReport = Readonly<{
  file: Readonly<{ sha256: string; lines: number; from: string; to: string }>
  /** In whole percent. */
  openingStock: number
  /** How many lines fell under each rule. */
  rules: Readonly<Record<Rule, number>>
  products: number
  commands: number
  accepted: number
  /** Lines refused for want of stock, ascending. */
  refused: readonly number[]
  /** Commands that an earlier run had sent. */
  replayed: number
  /** From the first product to the last answer. */
  seconds: number
  /** Stock commands a second, over the time that they alone took. */
  commandsPerSecond: number
  peakMemoryMb: number
}>

export type Run = Readonly<{ plan: Plan; share: OpeningStock; outcome: Outcome; seconds: number; yearSeconds: number }>

export function reportOf({ plan, share, outcome, seconds, yearSeconds }: Run): ReplayReport {
  const { sha256, lines, from, to } = plan
  return {
    file: { sha256, lines, from, to },
    openingStock: share,
    rules: plan.counts,
    products: plan.products.length,
    commands: plan.commands.count,
    accepted: outcome.accepted,
    refused: outcome.refused,
    replayed: outcome.replayed,
    seconds: Math.round(seconds * 10) / 10,
    commandsPerSecond: Math.round(plan.commands.count / yearSeconds),
    // maxRSS is in kilobytes.
    peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}

/** How many of the best-selling products are named. */
const BEST = 10

/** The end report as a person reads it. */
export function describe(run: Run, ids: readonly string[], server: string): string {
  const { plan, share, outcome } = run
  const report = reportOf(run)
  const opening = plan.products.reduce((sum, { outgoing }) => sum + openingUnits(outgoing, share), 0)
  const best = bestSelling(outcome)
  const link = `${server}/api/v1/inventory/${ids[best[0] ?? 0]}/movements`
  return `
${row('Lines read', plan.lines, `${plan.from} to ${plan.to}`)}
${ruleNames.map((name) => row(`  ${name}`, plan.counts[name], rules[name].says)).join('\n')}
${row('Products', plan.products.length, `${count(opening)} units to begin with (${share}% of what leaves)`)}
${row('Stock commands', plan.commands.count, 'each sent once, a product’s own in file order')}
${row('  accepted', outcome.accepted, '')}
${row('  refused', outcome.refused.length, 'not enough stock (409 insufficient_stock)')}
${row('  known already', outcome.replayed, 'sent by an earlier run; they took effect once')}

${duration(report.seconds)}, ${count(report.commandsPerSecond)} stock commands a second, at most ${report.peakMemoryMb} MB of memory in this program.

Best-selling products, by units
${best.map((place) => bestRow(plan, outcome, place)).join('\n')}

Every movement of the first of them (with the header X-API-Key):
  ${link}

Data: Chen, D. (2012), Online Retail II, UCI Machine Learning Repository, https://doi.org/10.24432/C5CG6D, CC BY 4.0.
`
}

const row = (name: string, value: number, says: string) =>
  `${name.padEnd(20)} ${count(value).padStart(9)}  ${says}`.trimEnd()

function bestSelling({ unitsSold }: Outcome): number[] {
  const places = Array.from(unitsSold.keys()).filter((place) => (unitsSold[place] as number) > 0)
  return places.sort((a, b) => (unitsSold[b] as number) - (unitsSold[a] as number)).slice(0, BEST)
}

function bestRow(plan: Plan, outcome: Outcome, place: number): string {
  const { sku, name } = plan.products[place] as Plan['products'][number]
  const units = count(outcome.unitsSold[place] as number).padStart(9)
  const pounds = `£${count(Math.round((outcome.penceTaken[place] as number) / 100))}`.padStart(10)
  return `  ${sku.padEnd(8)} ${name.padEnd(36)} ${units} ${pounds}`
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}
