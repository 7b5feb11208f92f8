import { Counter, Gauge, type Registry } from 'prom-client'
import { registerHistogram } from './histogram.ts'
import type { Histogram, Metrics } from './telemetry.ts'

// What prom-client calls the labels of one count.
type Values<Label extends string> = Partial<Record<Label, string | number>>

type Reading = Readonly<{ read: () => number; labels: Readonly<Record<string, string>> }>

/** Metrics kept by prom-client in a registry of ours, so that two processes in one (as in tests) do not meet. */
export function prometheusMetrics(registry: Registry): Metrics {
  const readings = new Map<string, Reading[]>()
  const histograms = new Map<string, unknown>()

  return {
    counter: <Label extends string>(name: string, help: string, labels: readonly Label[] = []) => {
      const counter =
        (registry.getSingleMetric(name) as Counter<Label> | undefined) ??
        new Counter({ name, help, labelNames: [...labels], registers: [registry] })
      return (values, by = 1) => counter.inc(values as object as Values<Label>, by)
    },

    histogram: <Label extends string>(
      name: string,
      help: string,
      { buckets, labels = [] }: Readonly<{ buckets: readonly number[]; labels?: readonly Label[] }>,
    ) => {
      const known = histograms.get(name) as Histogram<Label> | undefined
      if (known) return known
      const histogram = registerHistogram(registry, name, help, { buckets, labels })
      histograms.set(name, histogram)
      return histogram
    },

    gauge: (name, help, read, labels = {}) => {
      const known = readings.get(name)
      if (known) {
        const [first] = known
        if (Object.keys(first?.labels ?? {}).join() !== Object.keys(labels).join()) {
          throw new Error(`The readings of ${name} do not have the same labels.`)
        }
        known.push({ read, labels })
        return
      }
      const all: Reading[] = [{ read, labels }]
      readings.set(name, all)
      new Gauge({
        name,
        help,
        labelNames: Object.keys(labels),
        registers: [registry],
        collect() {
          this.reset()
          for (const reading of all) this.inc(reading.labels, reading.read())
        },
      })
    },

    page: async () => ({ body: await registry.metrics(), type: registry.contentType }),
  }
}
