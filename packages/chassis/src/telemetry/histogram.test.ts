import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Histogram, Registry } from 'prom-client'
import { registerHistogram } from './histogram.ts'

const buckets = [0.0005, 0.01, 0.5, 2]
const labels = ['route', 'status'] as const

test('whatever is measured, the page says what prom-client itself would say', async () => {
  const measurement = fc.record({
    route: fc.constantFrom('/products', '/pur"chases', 'unknown'),
    status: fc.constantFrom(200, 503),
    value: fc.oneof(fc.constantFrom(...buckets, 0, 7), fc.double({ min: 0, max: 3, noNaN: true })),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(measurement), async (measurements) => {
      const [ours, theirs] = [new Registry(), new Registry()]
      const observe = registerHistogram(ours, 'took_seconds', 'How long it took.', { buckets, labels })
      const histogram = new Histogram({
        name: 'took_seconds',
        help: 'How long it took.',
        buckets,
        labelNames: labels,
        registers: [theirs],
      })
      for (const { value, ...named } of measurements) {
        observe(named, value)
        histogram.observe(named, value)
      }

      expect(linesOf(await ours.metrics())).toEqual(linesOf(await theirs.metrics()))
    }),
    { numRuns: 200 },
  )
})

test('a histogram without labels shows its zeros before anything was measured', async () => {
  const registry = new Registry()
  registerHistogram(registry, 'batch', 'Commands in a batch.', { buckets: [1, 2], labels: [] })

  expect(await registry.metrics()).toContain('batch_bucket{le="+Inf"} 0')
})

/** The lines of a page, whatever the order of their labels. */
const linesOf = (page: string): string[] =>
  page.split('\n').map((line) =>
    line.replace(
      /\{(.*)\}/,
      (_, list) =>
        `{${list
          .split(/,(?=\w+=)/)
          .toSorted()
          .join()}}`,
    ),
  )
