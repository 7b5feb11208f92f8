import type { Metric, Registry } from 'prom-client'
import type { Histogram, Labels } from './telemetry.ts'

type Cell = {
  readonly labels: Readonly<Record<string, string | number>>
  /** How many values fell into each bucket, by itself; the last is for those beyond all bounds. */
  readonly counts: Float64Array
  sum: number
}

/**
 * A histogram that is written to with every request. prom-client's own keeps its buckets under decimal fractions as
 * names, and making such a name anew costs more than everything else that is measured; here a value only raises two
 * numbers, and names are made when the page is asked for.
 */
export function registerHistogram<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  { buckets, labels }: Readonly<{ buckets: readonly number[]; labels: readonly Label[] }>,
): Histogram<Label> {
  const bounds = Float64Array.from(buckets)
  const cells = new Map<string, Cell>()

  registry.registerMetric({
    name,
    help,
    get: async () => ({ name, help, type: 'histogram', aggregator: 'sum', values: [...cells.values()].flatMap(shown) }),
    reset: () => cells.clear(),
  } as unknown as Metric)

  function shown({ labels, counts, sum }: Cell) {
    let upTo = 0
    const rows = Array.from(counts, (count, index) => {
      upTo += count
      const le = index < bounds.length ? bounds[index]! : '+Inf'
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: upTo }
    })
    rows.push(
      { metricName: `${name}_sum`, labels: { ...labels } as never, value: sum },
      { metricName: `${name}_count`, labels: { ...labels } as never, value: upTo },
    )
    return rows
  }

  function cellOf(values: Labels<Label>): Cell {
    let key = ''
    for (const label of labels) key += `${values[label]}\n`
    const known = cells.get(key)
    if (known) return known
    const cell = { labels: { ...values }, counts: new Float64Array(bounds.length + 1), sum: 0 }
    cells.set(key, cell)
    return cell
  }

  // A histogram without labels shows its zeros from the start.
  if (labels.length === 0) cellOf({} as Labels<Label>)

  return (values, value) => {
    const cell = cellOf(values)
    let bucket = 0
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++
    cell.counts[bucket]!++
    cell.sum += value
  }
}
