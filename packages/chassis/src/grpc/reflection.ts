import { type DescFile, type DescService, fromBinary, toBinary } from '@bufbuild/protobuf'
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import type { Server } from '@grpc/grpc-js'
import { ReflectionService } from '@grpc/reflection'
import { service as health } from 'grpc-health-check'

/** Lets tools such as grpcurl ask the server what it can do, without our proto files. */
export function addReflection(server: Server, services: readonly DescService[]): void {
  const files = new Map<string, FileDescriptorProto>()
  const collect = (file: DescFile) => {
    if (files.has(file.proto.name)) return
    file.dependencies.forEach(collect)
    files.set(file.proto.name, file.proto)
  }
  for (const { file } of services) collect(file)
  const described = [...files.values(), ...healthFiles()]
  const fileDescriptorProtos = described.map((file) => Buffer.from(toBinary(FileDescriptorProtoSchema, file)))
  new ReflectionService({ served: { fileDescriptorProtos } } as never).addToServer(server)
}

/**
 * The files of grpc.health.v1, as the package that brings them keeps them beside each message, without the call `List`:
 * we do not answer it, and its message is described in a way that readers refuse (a map without its entry).
 */
function healthFiles(): FileDescriptorProto[] {
  const { requestType } = health.Check as unknown as { requestType: { fileDescriptorProtos: Uint8Array[] } }
  return requestType.fileDescriptorProtos.map((bytes) => {
    const file = fromBinary(FileDescriptorProtoSchema, bytes)
    file.messageType = file.messageType.filter(({ name }) => !name.startsWith('HealthList'))
    for (const served of file.service) served.method = served.method.filter(({ name }) => name !== 'List')
    return file
  })
}
