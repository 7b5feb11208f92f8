import { join } from 'node:path'
import type { Contestant, Sample } from './contestant.ts'
import { end, start, withProcessorTime } from './processes.ts'
import { answerOf } from './reading-shop.ts'
import type { Scene } from './scene.ts'
import { wrk } from './wrk.ts'

/** One product, read again and again through everything that a real request goes through. */
export async function openCachedRead(scene: Scene): Promise<Contestant> {
  const { url, path, headers, process: server, stop } = await scene.readingShop()
  const sample = async (seconds: number): Promise<Sample> => {
    const { requests: _, ...measured } = await withProcessorTime(server, () => wrk(url + path, seconds, [], headers))
    return measured
  }
  await sample(scene.warmUpSeconds)
  return { sample, close: stop }
}

/** The rival: a route of Elysia that does nothing but answer the same bytes under the same headers. */
export async function openBareRoute(scene: Scene): Promise<Contestant> {
  const { answer, headers } = await scene.readingShop()
  const server = start([process.execPath, join(import.meta.dir, 'bare-route.ts'), JSON.stringify(answer)])
  const url = await firstLine(server.stdout as ReadableStream<Uint8Array>)
  const given = await answerOf(url, answer.path, headers)
  if (!Bun.deepEquals(given, answer)) throw new Error(`The rival answers something else: ${JSON.stringify(given)}`)
  const sample = async (seconds: number): Promise<Sample> => {
    const load = () => wrk(url + answer.path, seconds, [], headers)
    const { requests: _, ...measured } = await withProcessorTime(server, load)
    return measured
  }
  await sample(scene.warmUpSeconds)
  return { sample, close: () => end(server) }
}

async function firstLine(output: ReadableStream<Uint8Array>): Promise<string> {
  const reader = output.getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (!text.includes('\n')) {
    const { value, done } = await reader.read()
    if (done) throw new Error('The bare route did not start.')
    text += decoder.decode(value, { stream: true })
  }
  return text.slice(0, text.indexOf('\n'))
}
