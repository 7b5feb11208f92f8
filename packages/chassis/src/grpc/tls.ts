import { readFileSync } from 'node:fs'
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js'

/** The files that prove who is on either side: the authority that both trust, our certificate and its key, in PEM. */
export type GrpcTls = Readonly<{ ca: string; cert: string; key: string }>

/** With files both sides must show a certificate of the authority; without, nothing is encrypted. */
export function serverCredentials(tls: GrpcTls | undefined): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure()
  const { ca, cert, key } = read(tls)
  return ServerCredentials.createSsl(ca, [{ cert_chain: cert, private_key: key }], true)
}

export function clientCredentials(tls: GrpcTls | undefined): ChannelCredentials {
  if (!tls) return ChannelCredentials.createInsecure()
  const { ca, cert, key } = read(tls)
  return ChannelCredentials.createSsl(ca, key, cert)
}

const read = ({ ca, cert, key }: GrpcTls) => ({
  ca: readFileSync(ca),
  cert: readFileSync(cert),
  key: readFileSync(key),
})
