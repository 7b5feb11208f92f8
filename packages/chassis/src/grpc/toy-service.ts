import type { Operation } from '@abasto/contract/operation'
import { productOperations } from '@abasto/contract/products'
import { type Context, ok, type Result } from '@abasto/kernel'
import { ProductsService } from '@abasto/proto/products/v1/products_service'
import { create, type DescMethod, fromBinary, toBinary } from '@bufbuild/protobuf'
import { Metadata } from '@grpc/grpc-js'
import { apiKeyAuthentication } from '../identity.ts'
import { createLog, type Log } from '../log.ts'
import { readAddresses } from './addresses.ts'
import { openChannel } from './channel.ts'
import { type GrpcOptions, serveGrpc } from './server.ts'
import type { AnyRpc, GrpcService } from './service.ts'
import { clientCredentials } from './tls.ts'

// For the tests of this folder: a service with one call that reads and one that writes.

export const KEY = 'a-key-of-the-tests'
export const toy = ProductsService.method

type Handle = (context: Context, id: string) => Promise<Result<unknown>>

/** The two calls, each of which does what the test says. */
export function toyService({ read = done, write = done }: { read?: Handle; write?: Handle }): GrpcService {
  const [creating, , reading] = productOperations as readonly Operation[]
  const reader: AnyRpc = {
    operation: reading!,
    handle: (context, { id }: { id: string }) => read(context, id),
  }
  const writer: AnyRpc = {
    operation: creating!,
    command: ({ sku }: { sku: string }) => ({ id: '', attributes: { sku }, relationships: {}, ifMatch: undefined }),
    handle: (context, { sku }: { sku: string }) => write(context, sku),
  }
  return {
    definition: ProductsService,
    rpcs: [
      { method: toy.getProduct, rpc: reader },
      { method: toy.createProduct, rpc: writer },
    ],
  }
}

const done: Handle = async () => ok({})

/** A server of the toy service on a free port, and everything that it logs. */
export async function serveToy(handles: Parameters<typeof toyService>[0], options: Partial<GrpcOptions> = {}) {
  const lines: Record<string, unknown>[] = []
  const log: Log = createLog({
    service: 'toy',
    write: (text) =>
      lines.push(
        ...text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ),
  })
  const listener = await serveGrpc({
    services: [toyService(handles)],
    authenticate: apiKeyAuthentication({ key: KEY }),
    log,
    port: 0,
    ...options,
  })
  const logged = (message: string) => {
    log.flush()
    return lines.filter((line) => line.message === message)
  }
  return { ...listener, logged }
}

/** One bare call, as any client of the proto files makes it. */
export async function callToy(
  url: string,
  method: DescMethod,
  message: Readonly<Record<string, unknown>> | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  { deadlineMs = Date.now() + 10_000, signal }: { deadlineMs?: number; signal?: AbortSignal } = {},
) {
  const channel = openChannel(readAddresses(url), clientCredentials(undefined))
  const metadata = new Metadata()
  for (const [name, value] of Object.entries({ 'x-api-key': KEY, ...headers })) metadata.set(name, value)
  const path = `/${method.parent.typeName}/${method.name}`
  const bytes = message instanceof Uint8Array ? message : toBinary(method.input, create(method.input, message as never))
  try {
    const ended = await channel.send({ path, bytes, metadata, deadlineMs, signal })
    return { ...ended, answer: ended.bytes && fromBinary(method.output, ended.bytes) }
  } finally {
    channel.close()
  }
}
