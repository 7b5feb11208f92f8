import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the server did receive. */
export type Received = Readonly<{
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: Record<string, unknown> | undefined
}>

/** How the server treats one request, after it has read the whole of it. */
export type Behaviour = (response: ServerResponse) => void

/**
 * A server for the tests of the SDK that treats its requests one after the other as it is told, and every further one
 * as the last. It is closed, with whatever still hangs on it, when the test ends: `using server = await serverThat(…)`.
 */
export async function serverThat(...behaviours: [Behaviour, ...Behaviour[]]) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const behave = behaviours[Math.min(received.length, behaviours.length - 1)]
    const { method = '', url = '', headers } = request
    received.push({ method, url, headers, body: text ? JSON.parse(text) : undefined })
    behave?.(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    /** The idempotency key of each request, in the order in which they came. */
    keys: () => received.map(({ headers }) => headers['idempotency-key']?.toString()),
    [Symbol.dispose]: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const MEDIA_TYPE = 'application/vnd.api+json'

/** Answers with a JSON:API document. */
export const answers =
  (status: number, document: object, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, { 'Content-Type': MEDIA_TYPE, ...headers }).end(JSON.stringify(document))

/** Refuses with one JSON:API error. */
export const refuses = (
  status: number,
  code: string,
  meta?: Readonly<Record<string, unknown>>,
  headers?: Readonly<Record<string, string>>,
): Behaviour =>
  answers(
    status,
    { errors: [{ status: String(status), code, title: `Title of ${code}`, detail: `Why ${code}.`, meta }] },
    headers,
  )

/** Answers with anything. */
export const says =
  (status: number, contentType: string, text: string, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, { 'Content-Type': contentType, ...headers }).end(text)

/** Closes the connection without a word. */
export const hangsUp: Behaviour = (response) => response.destroy()

/** Never answers. */
export const keepsSilent: Behaviour = () => {}

/** Answers with the head and the beginning of a document, and never with the rest. */
export const stopsHalfway: Behaviour = (response) => {
  response.writeHead(200, { 'Content-Type': MEDIA_TYPE, 'Content-Length': '100' }).write('{"data":')
}

/** Answers with half of a document, and then closes the connection. */
export const breaksOff: Behaviour = (response) => {
  stopsHalfway(response)
  setTimeout(() => response.destroy(), 10)
}

/** Answers with a document that is cut short although the connection ends well. */
export const cutsShort = says(200, MEDIA_TYPE, '{"data":{"type":"purch')

export const accepts204: Behaviour = (response) => response.writeHead(204).end()
