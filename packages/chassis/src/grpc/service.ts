import type { Operation } from '@abasto/contract/operation'
import type { Context, Failure, Result } from '@abasto/kernel'
import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf'
import type { Command } from '../http/idempotency.ts'

/** What answers one call: it calls the surface and says how the result is sent. */
export type Rpc<Input extends DescMessage, Output extends DescMessage> = Readonly<{
  /**
   * The operation of the public API that the call does. It says what the caller must be allowed, and it is part of the
   * name of a write, so that what was sent by one road may be sent again by the other.
   */
  operation: Operation
  /** For a write: what it asks for in the words of the public API, of which its fingerprint is made. */
  command?: (message: MessageShape<Input>) => Command
  /** What is not allowed about the message. */
  refusal?: (message: MessageShape<Input>) => Failure | undefined
  handle: (context: Context, message: MessageShape<Input>) => Promise<Result<MessageInitShape<Output>>>
}>

/** An answer that does not end by itself. */
export type Streaming<Message> = Readonly<{
  /** The next part is asked for when the one before has been sent. */
  parts: AsyncGenerator<readonly Message[], void, undefined>
  /** Aborts when the caller should come again, however much of what it was sent it has taken. */
  over: AbortSignal
  /** The caller has gone. */
  leave: () => void
}>

/** What answers a call with a stream. It changes nothing, so it has no name and may be begun again at any time. */
export type StreamRpc<Input extends DescMessage, Output extends DescMessage> = Pick<
  Rpc<Input, Output>,
  'operation' | 'refusal'
> &
  Readonly<{
    begin: (context: Context, message: MessageShape<Input>) => Promise<Result<Streaming<MessageInitShape<Output>>>>
  }>

type RpcOf<Method extends DescMethod> = Method['methodKind'] extends 'server_streaming'
  ? StreamRpc<Method['input'], Method['output']>
  : Rpc<Method['input'], Method['output']>

/** One answer for each call of a service, by the call's name in camelCase. */
export type Rpcs<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: RpcOf<Service['method'][Name]>
}

/** A service of the proto files with what answers its calls. */
export type GrpcService = Readonly<{
  definition: DescService
  rpcs: readonly Readonly<{ method: DescMethod; rpc: AnyRpc | AnyStreamRpc }>[]
}>

/** A call whose messages are known at run time only. */
export type AnyRpc = Omit<Rpc<DescMessage, DescMessage>, 'handle' | 'command' | 'refusal'> &
  Readonly<{
    command?: (message: never) => Command
    refusal?: (message: never) => Failure | undefined
    handle: (context: Context, message: never) => Promise<Result<unknown>>
  }>

/** The same of a call that answers with a stream. */
export type AnyStreamRpc = Omit<StreamRpc<DescMessage, DescMessage>, 'begin' | 'refusal'> &
  Readonly<{
    refusal?: (message: never) => Failure | undefined
    begin: (context: Context, message: never) => Promise<Result<Streaming<unknown>>>
  }>

export const isStream = (rpc: AnyRpc | AnyStreamRpc): rpc is AnyStreamRpc => 'begin' in rpc

export const grpcService = <Service extends DescService>(definition: Service, rpcs: Rpcs<Service>): GrpcService => ({
  definition,
  rpcs: definition.methods.map((method) => {
    const rpc = rpcs[method.localName as keyof Service['method']]
    return { method, rpc: rpc as unknown as AnyRpc | AnyStreamRpc }
  }),
})
