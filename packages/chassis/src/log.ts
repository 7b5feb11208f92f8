import { writeSync } from 'node:fs'
import { jsonText, quoted } from './json-text.ts'

export type Level = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export type Fields = Readonly<Record<string, unknown>>

type Write = (message: string, fields?: Fields, requestId?: string, traceId?: string) => void

/** Structured logs: one JSON object a line. `message` is the name of an event (`purchase.completed`). */
export type Log = Readonly<{
  debug: Write
  info: Write
  warn: Write
  error: Write
  /** The same log under the name of another service of this process. */
  named: (service: string) => Log
  /** Hands over every line that is still held back. */
  flush: () => void
}>

const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error', 'silent']

/** Past this many characters lines are handed over at once, not at the end of the turn. */
const PENDING_LIMIT = 65_536

/**
 * Lines are collected and written once per turn of the event loop: at 15,000 requests a second a system call per line
 * would cost more than the rest of the request. Nothing is lost at an ordinary stop, because what is pending is written
 * when the process exits.
 */
export function createLog(options: {
  level?: Level
  service: string
  /** Where lines go, several at a time; stdout unless said otherwise. */
  write?: (lines: string) => void
}): Log {
  const write = options.write ?? writeToStdout
  let pending = ''

  const flush = () => {
    if (pending === '') return
    const lines = pending
    pending = ''
    write(lines)
  }
  const append = (line: string) => {
    if (pending === '') setImmediate(flush)
    pending += line
    if (pending.length > PENDING_LIMIT) flush()
  }
  process.on('exit', flush)

  const lowest = LEVELS.indexOf(options.level ?? 'info')
  const named = (service: string): Log => {
    const at = (level: Level): Write => {
      if (LEVELS.indexOf(level) < lowest) return () => {}
      const middle = `","level":"${level}","service":${quoted(service)},"request_id":`
      return (message, fields, requestId, traceId) => append(line(middle, message, fields, requestId, traceId))
    }
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), named, flush }
  }
  return named(options.service)
}

function line(
  middle: string,
  message: string,
  fields: Fields | undefined,
  requestId: string | undefined,
  traceId: string | undefined,
): string {
  const id = requestId === undefined ? 'null' : quoted(requestId)
  const trace = traceId === undefined ? '' : `,"trace_id":${quoted(traceId)}`
  return `{"timestamp":"${timestamp()}${middle}${id},"message":${quoted(message)}${trace}${membersOf(fields)}}\n`
}

/** The fields as a line goes on with them: `,"status":201`. */
function membersOf(fields: Fields | undefined): string {
  if (fields === undefined) return ''
  const json = isFlat(fields) ? JSON.stringify(fields) : `{${eachOf(fields).join()}}`
  return json === '{}' ? '' : `,${json.slice(1, -1)}`
}

/** Whether JSON knows what every field is, as it nearly always does; it is then written in one go. */
function isFlat(fields: Fields): boolean {
  for (const name in fields) {
    const kind = typeof fields[name]
    if (kind !== 'string' && kind !== 'number' && kind !== 'boolean' && kind !== 'undefined') return false
  }
  return true
}

const eachOf = (fields: Fields): string[] =>
  Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : `${quoted(name)}:${json(value)}`))

/** A line is never lost because a field cannot be written: what JSON does not know becomes text. */
function json(value: unknown): string {
  if (value instanceof Error) return JSON.stringify({ name: value.name, message: value.message, stack: value.stack })
  try {
    return jsonText(value)
  } catch {
    return quoted(String(value))
  }
}

let lastMs = 0
let lastText = ''

// Formatting a date costs more than the rest of a line, and many lines share a millisecond.
function timestamp(): string {
  const ms = Date.now()
  if (ms !== lastMs) {
    lastMs = ms
    lastText = new Date(ms).toISOString()
  }
  return lastText
}

/** Room for as many characters as are ever collected, three bytes each; memory of its own each time costs far more. */
const room = Buffer.allocUnsafeSlow(3 * 2 * PENDING_LIMIT)

function writeToStdout(lines: string): void {
  const bytes = lines.length * 3 > room.length ? Buffer.from(lines) : room.subarray(0, room.write(lines))
  let written = writeSome(bytes)
  while (written < bytes.length) written += writeSome(bytes.subarray(written))
}

function writeSome(bytes: Buffer): number {
  try {
    return writeSync(1, bytes)
  } catch (error) {
    const { code } = error as { code?: string }
    // A pipe that is full: its reader is behind, so we wait for it. A pipe that is closed: nobody reads any more.
    if (code !== 'EAGAIN') return bytes.length
    Bun.sleepSync(1)
    return 0
  }
}
