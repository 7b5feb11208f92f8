import { type Parsed, parseJson } from './json.ts'
import { isReadable } from './negotiation.ts'
import { at } from './refusal.ts'
import { MEDIA_TYPE } from './reply.ts'

/** The largest document that is read, in bytes. */
export const BODY_LIMIT = 1_048_576

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads the document of a write: media type, then size, then JSON. A broken body is never more than a refusal. No body
 * at all stands for `empty`, where that is given.
 */
export async function readDocument(request: Request, empty?: unknown): Promise<Parsed> {
  const { headers } = request
  const length = headers.get('content-length')
  const announced = length === null ? undefined : Number(length)
  // Asking for `body` makes a stream, which costs; the headers say the same in all but a few requests.
  const isEmpty = announced === 0 || (announced === undefined && request.body === null)
  if (isEmpty && empty !== undefined) return { ok: true, value: empty }
  if (isEmpty) return refuse('malformed_document', 'The request has no document.', '')
  if (!isReadable(headers.get('content-type'))) {
    return refuse('unsupported_media_type', `Send the document as ${MEDIA_TYPE}, without parameters.`)
  }
  if (announced !== undefined && announced > BODY_LIMIT) return tooLarge
  const bytes = announced === undefined ? await readUpTo(BODY_LIMIT, request) : await readAll(request)
  if (bytes === 'too large') return tooLarge
  if (bytes === 'broken off') return refuse('malformed_document', 'The document broke off.', '')
  if (bytes.byteLength > BODY_LIMIT) return tooLarge
  try {
    return parseJson(decoder.decode(bytes))
  } catch {
    const encoding = headers.get('content-encoding')
    if (encoding !== null && encoding !== 'identity') {
      return refuse('unsupported_media_type', 'Send the document without Content-Encoding.')
    }
    return refuse('malformed_document', 'The document is not UTF-8.', '')
  }
}

const refuse = (code: string, detail: string, pointer?: string): Parsed => ({
  ok: false,
  error: [{ code, detail, source: pointer === undefined ? { header: 'Content-Type' } : at(pointer) }],
})

const tooLarge: Parsed = {
  ok: false,
  error: [{ code: 'content_too_large', detail: `A document has at most ${BODY_LIMIT} bytes.` }],
}

type Bytes = Uint8Array | 'too large' | 'broken off'

async function readAll(request: Request): Promise<Bytes> {
  try {
    return await request.bytes()
  } catch {
    return 'broken off'
  }
}

/** For a body that does not say how long it is: stops reading as soon as it is too much. */
async function readUpTo(limit: number, request: Request): Promise<Bytes> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength
      if (size > limit) return 'too large'
      chunks.push(chunk)
    }
  } catch {
    return 'broken off'
  }
  return Buffer.concat(chunks)
}
