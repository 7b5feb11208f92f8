/** One event of a stream. An id may come without an event: then there is no name and no data. */
export type ServerEvent = Readonly<{ id: string | undefined; name: string | undefined; data: string | undefined }>

/** What is told when the reader begins to wait for more, and when anything, or the end, was heard. */
export type Ears = Readonly<{ waits: () => void; heard: () => void }>

/**
 * Reads Server-Sent Events (WHATWG HTML, section 9.2.6). Nothing is waited for while the caller deals with an event, for
 * as long as that takes.
 */
export async function* serverEvents(
  body: ReadableStream<Uint8Array>,
  { waits, heard }: Ears,
): AsyncGenerator<ServerEvent, void, undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let fields: Record<string, string> = {}
  try {
    for (;;) {
      waits()
      const { value, done } = await reader.read()
      heard()
      // What was cut short is no event.
      if (done) return
      const lines = (text + decoder.decode(value, { stream: true })).split(/\r?\n/)
      text = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') {
          yield { id: fields.id, name: fields.event, data: fields.data }
          fields = {}
          continue
        }
        const colon = line.indexOf(':')
        const name = colon < 0 ? line : line.slice(0, colon)
        const content = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
        fields[name] = name === 'data' && fields.data !== undefined ? `${fields.data}\n${content}` : content
      }
    }
  } finally {
    // Whoever stops listening lets the connection go.
    reader.cancel().catch(() => {})
  }
}
