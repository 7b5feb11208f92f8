import { join } from 'node:path'
import type { Contestant, Sample } from './contestant.ts'
import { end, processorMs, start } from './processes.ts'
import { answerOf } from './reading-shop.ts'
import type { Scene } from './scene.ts'
import { wrk } from './wrk.ts'

/** One product, read again and again through everything that a real request goes through. */
export async function openCachedRead(scene: Scene): Promise<Contestant> {
  const { url, path, headers, process: server, stop } = await scene.readingShop()
  const sample = async (seconds: number): Promise<Sample> => {
    const before = processorMs(server)
    const { requests, ...measured } = await wrk(url + path, seconds, [], headers)
    const after = processorMs(server)
    const notes =
      before === undefined || after === undefined ? {} : { 'server µs each': ((after - before) * 1000) / requests }
    return { ...measured, notes }
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
    const { requests: _, ...measured } = await wrk(url + answer.path, seconds, [], headers)
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
