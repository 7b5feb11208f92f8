import type { Context } from '@abasto/kernel'
import { Metadata } from '@grpc/grpc-js'
import { CREDENTIAL_HEADER } from '../identity.ts'
import { FINGERPRINT, MAX_WAIT_MS, OPERATION_ID, REQUEST_ID } from './incoming.ts'

/** What of a context travels with a call; a write also takes its name along, so that it keeps it across services. */
export function metadataOf(context: Context, { isWrite, traceparent }: { isWrite: boolean; traceparent?: string }) {
  const metadata = new Metadata()
  metadata.set(REQUEST_ID, context.requestId)
  const { credential, operationId, fingerprint } = context
  if (credential !== undefined) metadata.set(CREDENTIAL_HEADER, credential)
  if (traceparent !== undefined) metadata.set('traceparent', traceparent)
  if (isWrite) {
    metadata.set(OPERATION_ID, operationId)
    metadata.set(FINGERPRINT, fingerprint)
  }
  return metadata
}

/** Until when a peer may take: as long as the caller waits, and `MAX_WAIT_MS` at most. */
export const waitUntil = ({ deadlineMs }: Context): number => Math.min(deadlineMs, Date.now() + MAX_WAIT_MS)
