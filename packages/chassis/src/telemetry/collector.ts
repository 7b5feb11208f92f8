/** A span as a collector gets it: OTLP in JSON. */
export type ReceivedSpan = Readonly<{
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  name: string
  /** 1 internal, 2 server, 3 client. */
  kind: number
  attributes: Readonly<Record<string, string | number | boolean>>
  /** The spans it is linked to. */
  links: readonly string[]
  failure: string | undefined
  service: string
}>

/** A collector of traces (OTLP over HTTP), for tests. */
export type Collector = Readonly<{
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to. */
  url: string
  spans: () => readonly ReceivedSpan[]
  /** What stood in a header of the request that came last; null where it was not there. */
  header: (name: string) => string | null
  /** From now on takes what is sent and never answers. */
  hang: () => void
  stop: () => Promise<void>
}>

export function startCollector(): Collector {
  const spans: ReceivedSpan[] = []
  let headers = new Headers()
  let isHung = false
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 60,
    fetch: async (request) => {
      if (isHung) await new Promise(() => {})
      if (new URL(request.url).pathname !== '/v1/traces') return new Response(null, { status: 404 })
      headers = request.headers
      spans.push(...received((await request.json()) as Export))
      return Response.json({})
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    spans: () => spans,
    header: (name) => headers.get(name),
    hang: () => {
      isHung = true
    },
    stop: () => server.stop(true),
  }
}

type Value = Readonly<{ stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean }>
type Attributes = readonly Readonly<{ key: string; value: Value }>[]
type Sent = Readonly<{
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  attributes?: Attributes
  links?: readonly Readonly<{ spanId: string }>[]
  status?: Readonly<{ code?: number; message?: string }>
}>
type Export = Readonly<{
  resourceSpans: readonly Readonly<{
    resource: Readonly<{ attributes: Attributes }>
    scopeSpans: readonly Readonly<{ spans: readonly Sent[] }>[]
  }>[]
}>

const received = ({ resourceSpans }: Export): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId, name, kind, attributes = [], links = [], status }) => ({
        traceId,
        spanId,
        parentSpanId: parentSpanId || undefined,
        name,
        kind,
        attributes: valuesOf(attributes),
        links: links.map((link) => link.spanId),
        failure: status?.code === 2 ? (status.message ?? '') : undefined,
        service: String(valuesOf(resource.attributes)['service.name']),
      })),
    ),
  )

const valuesOf = (attributes: Attributes): Record<string, string | number | boolean> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue),
    ]),
  )
