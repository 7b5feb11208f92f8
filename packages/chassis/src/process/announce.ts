import type { Context } from '@abasto/kernel'
import type { Log } from '../log.ts'
import { traceIdOf } from '../telemetry/traceparent.ts'

/** Tells what happened in a service to those who follow its log. */
export const announceTo =
  (log: Log) =>
  (event: string, context: Context, fields: Readonly<Record<string, unknown>>): void =>
    log.info(event, fields, context.requestId, traceIdOf(context.traceparent))
