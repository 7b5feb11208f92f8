import type { Span, SpanOptions, Trace } from '@abasto/kernel'
import {
  type Span as OtelSpan,
  trace as otel,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, RandomIdGenerator, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Counter, Telemetry } from './telemetry.ts'
import { readTraceparent, type TracePlace, writeTraceparent } from './traceparent.ts'

/** How many spans wait for the collector at most; what comes beyond that is dropped, never waited for. */
const MAX_WAITING = 4_096

/** How many of them go into one delivery. They are delivered one after the other; at the end all at once. */
const BATCH = 512

/** How long one delivery may take, in milliseconds. */
const EXPORT_MS = 5_000

/** How long stopping waits for the last delivery, in milliseconds. */
const STOP_MS = 3_000

/** A batch of the stock links to each of its commands, so it must be no fewer than those. */
const MAX_LINKS = 128

export type TracesOptions = Readonly<{
  service: string
  version: string
  /** The base address of the collector (OTLP over HTTP); `/v1/traces` is added. */
  otlpEndpoint: string
  /** Which part of the traces that begin here is recorded, 0 to 1. Callers that come with a trace decide themselves. */
  share: number
  /** Counts spans by what became of them: recorded, sent or failed. */
  spans: Counter<'outcome'>
}>

type Traces = Pick<Telemetry, 'trace' | 'stop'>

/**
 * Traces sent out over OTLP/HTTP by the SDK of OpenTelemetry, with explicit parents only: no global provider, no
 * ambient context. Spans are handed over in the background, a bounded number of them, so a collector that is down, slow
 * or hung costs some of the traces and nothing else.
 */
export function createTraces({ service, version, otlpEndpoint, share, spans }: TracesOptions): Traces {
  const exporter = new OTLPTraceExporter({
    url: `${otlpEndpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_MS,
    concurrencyLimit: Math.ceil(MAX_WAITING / BATCH) + 2,
  })
  const processor = new BatchSpanProcessor({
    exporter: counted(exporter, spans),
    maxQueueSize: MAX_WAITING,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: 1_000,
    exportTimeoutMillis: EXPORT_MS,
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': version,
      'service.instance.id': crypto.randomUUID(),
      'process.pid': process.pid,
      'process.runtime.name': 'bun',
      'process.runtime.version': Bun.version,
    }),
    spanProcessors: [processor],
    spanLimits: { linkCountLimit: MAX_LINKS },
  })
  const tracer = provider.getTracer('abasto', version)
  const ids = new RandomIdGenerator()

  return {
    trace: (name, traceparent, options) => {
      const caller = readTraceparent(traceparent)
      if (caller ? !caller.isSampled : share < 1 && Math.random() >= share) {
        const place = caller ?? { traceId: ids.generateTraceId(), spanId: ids.generateSpanId(), isSampled: false }
        return silent(writeTraceparent(place))
      }
      const context = caller ? otel.setSpanContext(ROOT_CONTEXT, remote(caller)) : ROOT_CONTEXT
      return begin(tracer, spans, context, name, { kind: 'server', ...options })
    },
    stop: async () => {
      let timer: Timer | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, STOP_MS)
      })
      // What cannot be delivered is lost, and stopping is no moment to complain.
      await Promise.race([provider.shutdown().catch(() => {}), late])
      clearTimeout(timer)
    },
  }
}

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER }

function begin(
  tracer: Tracer,
  spans: Counter<'outcome'>,
  parent: typeof ROOT_CONTEXT,
  name: string,
  { kind = 'internal', attributes, links }: SpanOptions = {},
): Span {
  const span = tracer.startSpan(
    name,
    { kind: KINDS[kind], ...(attributes ? { attributes } : {}), ...(links ? { links: links.flatMap(linkTo) } : {}) },
    parent,
  )
  const context = otel.setSpan(ROOT_CONTEXT, span)
  return {
    traceparent: traceparentOf(span),
    isRecorded: true,
    begin: (name, options) => begin(tracer, spans, context, name, options),
    end: (failure, late) => {
      if (late) span.setAttributes({ ...late })
      if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
      spans({ outcome: 'recorded' })
      span.end()
    },
  }
}

/** A place in a trace that its caller does not record: it is handed on, and nothing is kept. */
function silent(traceparent: string): Span {
  const span: Span = { traceparent, isRecorded: false, begin: () => span, end: () => {} }
  return span
}

const remote = ({ traceId, spanId }: TracePlace): SpanContext => ({
  traceId,
  spanId,
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
})

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return writeTraceparent({ traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 })
}

function linkTo({ traceparent }: Trace) {
  const place = readTraceparent(traceparent)
  return place?.isSampled ? [{ context: remote(place) }] : []
}

const counted = (exporter: SpanExporter, spans: Counter<'outcome'>): SpanExporter => ({
  export: (batch, done) =>
    exporter.export(batch, (result) => {
      spans({ outcome: result.code === 0 ? 'sent' : 'failed' }, batch.length)
      done(result)
    }),
  forceFlush: async () => exporter.forceFlush?.(),
  shutdown: () => exporter.shutdown(),
})
