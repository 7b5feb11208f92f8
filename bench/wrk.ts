import { join } from 'node:path'
import { programCalled, run } from './processes.ts'

export const CONNECTIONS = 64

export type Load = Readonly<{ requests: number; perSecond: number; p50Ms: number; p99Ms: number }>

type Printed = Load & { errors: Record<string, number> }

/**
 * Loads an address from one thread with 64 connections. With purchase arguments (`load.lua`) each request is a purchase
 * under a key of its own; else it is the same GET again and again. A single failed request fails the run.
 */
export async function wrk(
  url: string,
  seconds: number,
  purchase: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Load> {
  const how = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s', '-s', join(import.meta.dir, 'load.lua')]
  const sent = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const output = await run([programCalled('wrk'), ...how, ...sent, url, '--', ...purchase], {
    timeoutMs: seconds * 1000 + 30_000,
  })
  const printed = /^LOAD (.*)$/m.exec(output)?.[1]
  if (!printed) throw new Error(`wrk printed something else: ${output}`)
  const { errors, ...load } = JSON.parse(printed) as Printed
  const failed = Object.entries(errors).filter(([, count]) => count > 0)
  if (failed.length > 0)
    throw new Error(`${url}: ${failed.map(([what, count]) => `${count} ${what} errors`).join(', ')}`)
  return load
}
