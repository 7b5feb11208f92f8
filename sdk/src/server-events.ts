/** One event of a stream. An id may come without an event: then there is no name and no data. */
export type ServerEvent = Readonly<{ id: string | undefined; name: string | undefined; data: string | undefined }>

/** Reads Server-Sent Events (WHATWG HTML, section 9.2.6); `heard` is called whenever anything arrives. */
export async function* serverEvents(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
): AsyncGenerator<ServerEvent, void, undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let fields: Record<string, string> = {}
  try {
    for (;;) {
      const { value, done } = await reader.read()
      // What was cut short is no event.
      if (done) return
      heard()
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
