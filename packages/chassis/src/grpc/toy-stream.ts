import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import { Client, Metadata, status } from '@grpc/grpc-js'
import { failureIn } from './status.ts'
import { clientCredentials } from './tls.ts'

/** What a stream tells, message by message, and how it ended: the code, and the failure if it was one of ours. */
export type ToyStream<Message> = Readonly<{
  /** As many messages as that, or as many as there are until it ends. */
  take: (count: number) => Promise<Message[]>
  ended: Promise<Readonly<{ code: string; failure: string | undefined }>>
  cancel: () => void
}>

/** One bare stream, as any client of the proto files asks for it. For tests. */
export function watchToy<Input extends DescMessage, Output extends DescMessage>(
  url: string,
  method: DescMethodServerStreaming<Input, Output>,
  message: MessageInitShape<Input>,
  { headers = {}, deadlineMs }: { headers?: Readonly<Record<string, string>>; deadlineMs?: number | undefined } = {},
): ToyStream<MessageShape<Output>> {
  const client = new Client(url, clientCredentials(undefined))
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  const call = client.makeServerStreamRequest(
    `/${method.parent.typeName}/${method.name}`,
    (bytes: Uint8Array) => Buffer.from(bytes),
    (bytes: Buffer) => fromBinary(method.output, bytes),
    toBinary(method.input, create(method.input, message)),
    metadata,
    deadlineMs === undefined ? {} : { deadline: deadlineMs },
  )
  const ended = new Promise<{ code: string; failure: string | undefined }>((resolve) =>
    call.on('status', ({ code, metadata }) => {
      client.close()
      resolve({ code: status[code]!, failure: failureIn(metadata)?.code })
    }),
  )
  call.on('error', () => {})
  const messages = call[Symbol.asyncIterator]() as AsyncIterator<MessageShape<Output>>
  return {
    take: async (count) => {
      const taken: MessageShape<Output>[] = []
      while (taken.length < count) {
        // What the stream broke with is told by `ended`.
        const next = await messages.next().catch(() => undefined)
        if (!next || next.done) break
        taken.push(next.value)
      }
      return taken
    },
    ended,
    cancel: () => call.cancel(),
  }
}
