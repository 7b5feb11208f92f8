import { count } from '../progress.ts'
import { MOST_SHOWN, question } from './question.ts'
import { andMore, type Difference, type Fault, sentence } from './wording.ts'

/** Puts one statement that only reads to a database, and gives back its one row. */
export type Ask = <Answer extends object = Row>(statement: string) => Promise<Answer>

/** Three documents as text, whatever the driver would make of them. */
export type Row = Readonly<{ looked_at: string; counts: string; differences: string }>

/** How many rows of each table were held against each other. */
export type LookedAt = Readonly<Record<'movements' | 'levels' | 'purchases' | 'reservations' | 'operations', number>>

export type Findings = Readonly<{
  lookedAt: LookedAt
  seconds: number
  /** How many differences there are of each kind that was found. */
  counts: Readonly<Partial<Record<Fault, number>>>
  /** At most `MOST_SHOWN` of each kind, by product and warehouse. */
  differences: readonly Difference[]
}>

/** Compares a whole inventory database with its ledger, as it is at one moment. Changes nothing. */
export async function verify(ask: Ask): Promise<Findings> {
  const begun = performance.now()
  const row = await ask(question)
  return {
    lookedAt: JSON.parse(row.looked_at),
    seconds: (performance.now() - begun) / 1000,
    counts: JSON.parse(row.counts),
    differences: JSON.parse(row.differences),
  }
}

export const totalOf = ({ counts }: Findings): number => Object.values(counts).reduce((sum, each) => sum + each, 0)

/** What was found, for a person: a line for each difference, and what they come to. */
export function report(findings: Findings): string[] {
  const { counts, differences, lookedAt } = findings
  const total = totalOf(findings)
  const more = Object.entries(counts).filter(([, found]) => found > MOST_SHOWN) as [Fault, number][]
  return [
    ...differences.map(sentence),
    ...more.map(([fault, found]) => andMore(fault, found - MOST_SHOWN)),
    total === 0
      ? `The ledger equals the balances: ${count(lookedAt.levels)} levels, ${count(lookedAt.purchases)} purchases, ` +
        `${count(lookedAt.reservations)} reservations, ${count(lookedAt.operations)} operations.`
      : `${count(total)} ${total === 1 ? 'difference' : 'differences'} between the ledger and the balances.`,
    speed(findings),
  ]
}

function speed({ lookedAt: { movements }, seconds }: Findings): string {
  const checked = `checked ${count(movements)} movements in ${seconds.toFixed(1)} s`
  // Of a small ledger the time is that of asking at all, which says nothing about a large one.
  return movements < 10_000 ? checked : `${checked}, ${perMillion(seconds, movements)} s per million`
}

/** The same for a program. */
export const documentOf = (findings: Findings) => ({
  isClean: totalOf(findings) === 0,
  differenceCount: totalOf(findings),
  ...findings,
  secondsPerMillion:
    findings.lookedAt.movements === 0 ? null : Number(perMillion(findings.seconds, findings.lookedAt.movements)),
  differences: findings.differences.map((each) => ({ ...each, message: sentence(each) })),
})

const perMillion = (seconds: number, movements: number): string => (seconds / (movements / 1e6)).toFixed(1)
