import { Registry } from 'prom-client'
import { measureProcess } from './process-metrics.ts'
import { prometheusMetrics } from './prometheus.ts'
import type { Telemetry } from './telemetry.ts'

export type TelemetryOptions = Readonly<{
  /** What the process is called in traces. */
  service: string
  /** The version of the product. */
  version?: string
  /** Where traces are sent, over OTLP/HTTP; without it nothing is recorded and nothing is paid for it. */
  otlpEndpoint?: string | undefined
  /** Which part of the traces that begin in this process is recorded, from 0 to 1; all of them unless said otherwise. */
  traceShare?: number | undefined
}>

/** The telemetry of one process. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { service, version = 'unknown', otlpEndpoint, traceShare = 1 } = options
  const registry = new Registry()
  const metrics = prometheusMetrics(registry)
  const stopMeasuring = measureProcess(registry, { service, version })
  if (!otlpEndpoint) return { metrics, trace: () => undefined, stop: async () => stopMeasuring() }

  // Loaded only where it is wanted: the SDK takes 10 MB and a twentieth of a second.
  const { createTraces } = require('./traces.ts') as typeof import('./traces.ts')
  const spans = metrics.counter('abasto_trace_spans_total', 'Spans by what became of them.', ['outcome'])
  const { trace, stop } = createTraces({ service, version, otlpEndpoint, share: traceShare, spans })
  return {
    metrics,
    trace,
    stop: async () => {
      stopMeasuring()
      await stop()
    },
  }
}
