import { join } from 'node:path'
import { programCalled, run } from './processes.ts'

export const CONNECTIONS = 64

export type Load = Readonly<{
  /** How many were answered. */
  requests: number
  /** How many were asked, give or take those that nobody waited for any more. */
  sent: number
  perSecond: number
  p50Ms: number
  p99Ms: number
}>

type Printed = Omit<Load, 'perSecond'> & Readonly<{ seconds: number; errors: Readonly<Record<string, number>> }>

/**
 * Loads an address from one thread with 64 connections. With arguments (see `load.lua`) each request is a write under a
 * key of its own; else it is the same GET again and again. A single failed request fails the run.
 */
export async function wrk(
  url: string,
  seconds: number,
  writes: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Load> {
  const how = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s', '-s', join(import.meta.dir, 'load.lua')]
  const sent = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const output = await run([programCalled('wrk'), ...how, ...sent, url, '--', ...writes], {
    timeoutMs: seconds * 1000 + 30_000,
  })
  const printed = /^LOAD (.*)$/m.exec(output)?.[1]
  if (!printed) throw new Error(`wrk printed something else: ${output}`)
  const { errors, seconds: spent, ...load } = JSON.parse(printed) as Printed
  const failed = Object.entries(errors).filter(([, count]) => count > 0)
  if (failed.length > 0)
    throw new Error(`${url}: ${failed.map(([what, count]) => `${count} ${what} errors`).join(', ')}`)
  return { ...load, perSecond: load.requests / spent }
}
