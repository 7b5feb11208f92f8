import type { Metrics } from '@abasto/chassis/telemetry/telemetry'
import type { Round } from './committer.ts'

const SIZES = [1, 2, 4, 8, 16, 32, 64, 128]

/** Counts what rounds come to, and shows how much the committer has before it. */
export function measureCommitter(
  { histogram, counter, gauge }: Metrics,
  { waiting, inFlight }: Readonly<{ waiting: () => number; inFlight: () => number }>,
): (round: Round) => void {
  const commands = histogram('abasto_stock_batch_commands', 'Commands that were decided in one round.', {
    buckets: SIZES,
  })
  const groups = histogram('abasto_stock_batch_groups', 'Groups of commands with no level in common, in one round.', {
    buckets: SIZES,
  })
  const lost = counter('abasto_stock_groups_lost_total', 'Groups that lost a race for a level and were decided again.')
  const answered = counter(
    'abasto_stock_commands_total',
    'Commands that were answered, by how often each was decided.',
    ['tries'],
  )
  gauge('abasto_stock_commands_waiting', 'Commands that wait for a round.', waiting)
  gauge('abasto_stock_writes_in_flight', 'Writes that are on their way to the database.', inFlight)

  return (round) => {
    commands({}, round.commands)
    groups({}, round.groups)
    if (round.lost > 0) lost({}, round.lost)
    for (const [tries, count] of countsOf(round.tries)) answered({ tries }, count)
  }
}

/** How many commands took how many tries; from four on, those that took as many or up to twice as many count as one. */
function countsOf(tries: readonly number[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const number of tries) {
    const name = number < 4 ? String(number) : number < 8 ? '4-7' : number < 16 ? '8-15' : '16+'
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
