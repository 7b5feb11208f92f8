/** The place in a trace that a header `traceparent` names (W3C Trace Context, section 3.2). */
export type TracePlace = Readonly<{ traceId: string; spanId: string; isSampled: boolean }>

// Later versions may add parts after the flags; version ff is none.
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** Reads the header; undefined when it is absent or not one, and whoever sent it is then not followed. */
export function readTraceparent(header: string | null | undefined): TracePlace | undefined {
  if (!header) return undefined
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(header) ?? []
  if (!traceId || !spanId || !flags || (version === '00' && rest !== undefined)) return undefined
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

export const writeTraceparent = ({ traceId, spanId, isSampled }: TracePlace): string =>
  `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`

/** The trace that a well-formed `traceparent` is of; for lines of the log. */
export const traceIdOf = (traceparent: string | undefined): string | undefined => traceparent?.slice(3, 35)
