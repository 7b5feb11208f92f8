import { join } from 'node:path'
import type { Subprocess } from 'bun'
import type { Contestant, Sample } from './contestant.ts'
import { end, firstLine, start, withProcessorTime } from './processes.ts'
import { answerOf, type ReadingShop } from './reading-shop.ts'
import type { Scene } from './scene.ts'
import { wrk } from './wrk.ts'

/** One product, read again and again through everything that a real request goes through. */
export async function openRead(shop: Promise<ReadingShop>): Promise<Contestant> {
  const { service, path, headers } = await shop
  return loaded(service.process, service.url + path, headers, service.stop)
}

/** The rival: a route of Elysia that does nothing but answer the same bytes under the same headers. */
export const openBareRoute = (shop: Promise<ReadingShop>): Promise<Contestant> => openRival('bare-route.ts', shop, '')

/** The rival of reading through Redis: the same, after one GET of Redis that brings the bytes. */
export async function openRedisRoute(shop: Promise<ReadingShop>, scene: Scene): Promise<Contestant> {
  return openRival('redis-route.ts', shop, (await scene.redis()).url)
}

async function openRival(file: string, shop: Promise<ReadingShop>, redisUrl: string): Promise<Contestant> {
  const { answer, headers } = await shop
  const server = start([process.execPath, join(import.meta.dir, file), JSON.stringify(answer), redisUrl])
  const url = await firstLine(server.stdout as ReadableStream<Uint8Array>)
  const given = await answerOf(url, answer.path, headers)
  if (!Bun.deepEquals(given, answer)) throw new Error(`The rival answers something else: ${JSON.stringify(given)}`)
  return loaded(server, url + answer.path, headers, () => end(server))
}

async function loaded(
  server: Subprocess,
  url: string,
  headers: Readonly<Record<string, string>>,
  close: () => Promise<void>,
): Promise<Contestant> {
  const sample = async (seconds: number): Promise<Sample> => {
    const { requests: _, sent: __, ...measured } = await withProcessorTime(server, () => wrk(url, seconds, [], headers))
    return measured
  }
  return { sample, close }
}
