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

/** One answer for each call of a service, by the call's name in camelCase. */
export type Rpcs<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: Rpc<Service['method'][Name]['input'], Service['method'][Name]['output']>
}

/** A service of the proto files with what answers its calls. */
export type GrpcService = Readonly<{
  definition: DescService
  rpcs: readonly Readonly<{ method: DescMethod; rpc: AnyRpc }>[]
}>

/** A call whose messages are known at run time only. */
export type AnyRpc = Omit<Rpc<DescMessage, DescMessage>, 'handle' | 'command' | 'refusal'> &
  Readonly<{
    command?: (message: never) => Command
    refusal?: (message: never) => Failure | undefined
    handle: (context: Context, message: never) => Promise<Result<unknown>>
  }>

export const grpcService = <Service extends DescService>(definition: Service, rpcs: Rpcs<Service>): GrpcService => ({
  definition,
  rpcs: definition.methods.map((method) => {
    const rpc = rpcs[method.localName as keyof Service['method']]
    return { method, rpc: rpc as unknown as AnyRpc }
  }),
})
