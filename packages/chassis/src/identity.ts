import { timingSafeEqual } from 'node:crypto'
import { type Caller, fail, ok, type Result } from '@abasto/kernel'

/** Says who sent a request, from its headers or metadata. Answers at once where nothing has to be looked up. */
export type Authenticate = (headers: Headers) => Result<Caller> | Promise<Result<Caller>>

/** What a request carries beside its content, by name in lower case. */
export type Headers = Readonly<{ get: (name: string) => string | null }>

/** The header that proves who sent a request; the same name in HTTP and in gRPC. */
export const CREDENTIAL_HEADER = 'x-api-key'

/** The owner of the shop, who may do everything. */
export const owner: Caller = { id: 'owner', permissions: ['*'] }

const refused = fail({
  kind: 'unauthenticated',
  code: 'unauthenticated',
  message: 'Send the API key of this server in the header X-API-Key.',
})

/**
 * One API key, in the header `X-API-Key`. The server needs to hold only its SHA-256; digests of equal length are
 * compared in constant time, so that the answer's timing says nothing about the key.
 */
export function apiKeyAuthentication(secret: Readonly<{ key: string }> | Readonly<{ sha256: string }>): Authenticate {
  const expected = 'key' in secret ? sha256(secret.key) : Buffer.from(secret.sha256, 'hex')
  if (expected.length !== 32) throw new Error('An API key is held as the 64 hexadecimal digits of its SHA-256.')
  const accepted = ok(owner)
  return (headers) => {
    const presented = headers.get(CREDENTIAL_HEADER)
    if (presented === null || !timingSafeEqual(sha256(presented), expected)) return refused
    return accepted
  }
}

/** Whether the caller may do what needs the given permission. */
export const isAllowed = (caller: Caller, permission: string): boolean =>
  caller.permissions.includes('*') || caller.permissions.includes(permission)

const sha256 = (text: string): Buffer => Bun.CryptoHasher.hash('sha256', text) as Buffer
