import type { Span, SpanOptions } from '@abasto/kernel'

/**
 * What a process tells about itself: numbers that are asked for (`/metrics`) and traces that are sent out. Made once at
 * the start of the process and handed to whatever measures.
 */
export type Telemetry = Readonly<{
  metrics: Metrics
  /**
   * Begins the part of a trace that this process plays for one request: a server span, unless the options say
   * otherwise. Goes on with the trace of its caller when there is one; a `traceparent` that is none is ignored.
   * Undefined where nobody collects traces.
   */
  trace: (name: string, traceparent?: string, options?: SpanOptions) => Span | undefined
  /** Sends what has been recorded and stops, within a few seconds even when nobody takes it. */
  stop: () => Promise<void>
}>

/**
 * The metrics of one process, in the words of Prometheus: names in snake_case with their unit last
 * (`abasto_http_request_duration_seconds`). Asking twice for one name gives the same metric.
 */
export type Metrics = Readonly<{
  counter: <Label extends string>(name: string, help: string, labels?: readonly Label[]) => Counter<Label>
  histogram: <Label extends string>(
    name: string,
    help: string,
    options: Readonly<{ buckets: readonly number[]; labels?: readonly Label[] }>,
  ) => Histogram<Label>
  /** A number that is read when it is asked for. Readings of one name and the same labels are added up. */
  gauge: (name: string, help: string, read: () => number, labels?: Readonly<Record<string, string>>) => void
  /** Everything, in the text format of Prometheus. */
  page: () => Promise<Readonly<{ body: string; type: string }>>
}>

export type Labels<Label extends string> = Readonly<Record<Label, string | number>>

/** Adds `by`, 1 unless said otherwise. */
export type Counter<Label extends string = never> = (labels: Labels<Label>, by?: number) => void

export type Histogram<Label extends string = never> = (labels: Labels<Label>, value: number) => void

/** Measures nothing. */
export const noTelemetry: Telemetry = {
  metrics: {
    counter: () => () => {},
    histogram: () => () => {},
    gauge: () => {},
    page: async () => ({ body: '', type: 'text/plain; version=0.0.4; charset=utf-8' }),
  },
  trace: () => undefined,
  stop: async () => {},
}
